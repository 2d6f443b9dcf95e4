/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The core hooks for tests with several threads: each thread is the CPU that it says it is.
 */
#ifndef AXB_RUNTIME_MAPS_TESTING_HOOKS_H_
#define AXB_RUNTIME_MAPS_TESTING_HOOKS_H_

#include <cstdint>

namespace axb_testing
{

/** The calling thread is CPU @cpu (0 at first). */
void SetCpu(uint32_t cpu);

/** axb_plat_irq_save() of this thread without its axb_plat_irq_restore(). */
uint64_t IrqDepth();

} // namespace axb_testing

#endif

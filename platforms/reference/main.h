/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Where boot.S goes, on the stack of the CPU, with the hypervisor's own tables on. Neither
 * returns.
 */
#ifndef AXB_PLATFORMS_REFERENCE_MAIN_H_
#define AXB_PLATFORMS_REFERENCE_MAIN_H_

#include <stdint.h>

__attribute__((noreturn)) void main(void);
__attribute__((noreturn)) void secondary_main(uint32_t id);

#endif

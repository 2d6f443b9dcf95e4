/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Where boot.S goes, on the stack of the CPU, with the hypervisor's own tables on.
 */
#ifndef AXB_PLATFORMS_REFERENCE_MAIN_H_
#define AXB_PLATFORMS_REFERENCE_MAIN_H_

#include <stdint.h>

/** How many CPUs run: 0 .. this. Context: any. */
uint32_t cpus_online(void);

/* Neither returns. */
__attribute__((noreturn)) void main(void);
__attribute__((noreturn)) void secondary_main(uint32_t id);

#endif

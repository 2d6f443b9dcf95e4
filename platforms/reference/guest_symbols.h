/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Symbols of the kernels in VMs: from the package, or given at run time; the slide of KASLR is
 * found from a register of the guest (machine_vm_anchor()). Context: thread.
 */
#ifndef AXB_PLATFORMS_REFERENCE_GUEST_SYMBOLS_H_
#define AXB_PLATFORMS_REFERENCE_GUEST_SYMBOLS_H_

#include <stdint.h>

#include "runtime/sym/sym.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The table for VM @vm with the addresses at which its kernel runs now; NULL with the reason in
 * *@why. Valid until the next call. */
const struct axb_symtab *guest_symbols(uint16_t vm, const char **why);

/** Look where the kernels run, while they do, so that it is known when they have stopped. Call it
 * regularly. */
void guest_symbols_poll(void);

/** Use @blob, which must stay, instead of what the package has. AXB_ERR_NOT_FOUND (no such VM);
 * errors of axb_symtab_init(). */
AXB_MUST_USE enum axb_status guest_symbols_load(uint16_t vm, struct axb_bytes blob);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * SVM on each CPU: permission maps, address space ids. The control block itself is
 * platforms/reference/x86_64/vmcb.h.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_SVM_H_
#define AXB_PLATFORMS_X86_64_QEMU_SVM_H_

#include <stdbool.h>
#include <stdint.h>

/** Physical addresses of the permission maps that all guests have. */
uint64_t svm_io_map(void);
uint64_t svm_msr_map(void);

/** Fill in the permission maps. Context: boot, CPU 0. */
void svm_init(void);

/** Turn SVM on. @return false when this CPU has none, or no nested paging. Context: boot, on the
 * CPU itself. */
bool svm_cpu_init(void);

/** An address space id for a vCPU that is about to run here, of generation *@generation; the same
 * as before while that is this CPU's. When the ids are used up, a new generation begins, and
 * *@flush says that the TLB must be emptied. Context: thread. */
uint32_t svm_asid(uint64_t *generation, uint32_t asid, bool *flush);

#endif

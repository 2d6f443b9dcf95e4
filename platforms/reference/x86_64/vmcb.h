/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * AMD's virtual machine control block and what its fields mean.
 * Ref: APM vol. 2, 15 "Secure Virtual Machine", appendix B "Layout of VMCB", appendix C "SVM
 * Intercept Exit Codes".
 */
#ifndef AXB_PLATFORMS_REFERENCE_X86_64_VMCB_H_
#define AXB_PLATFORMS_REFERENCE_X86_64_VMCB_H_

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/types.h"

/* vmcb.intercept_misc1 */
#define INTERCEPT_INTR (1u << 0)
#define INTERCEPT_NMI (1u << 1)
#define INTERCEPT_SMI (1u << 2)
#define INTERCEPT_INIT (1u << 3)
#define INTERCEPT_VINTR (1u << 4)
#define INTERCEPT_RDPMC (1u << 15)
#define INTERCEPT_CPUID (1u << 18)
#define INTERCEPT_RSM (1u << 19)
#define INTERCEPT_IRET (1u << 20)
#define INTERCEPT_INTN (1u << 21)
#define INTERCEPT_INVD (1u << 22)
#define INTERCEPT_HLT (1u << 24)
#define INTERCEPT_INVLPGA (1u << 26)
#define INTERCEPT_IO (1u << 27)
#define INTERCEPT_MSR (1u << 28)
#define INTERCEPT_SHUTDOWN (1u << 31)
/* vmcb.intercept_misc2: VMRUN, VMMCALL, VMLOAD, VMSAVE, STGI, CLGI, SKINIT; WBINVD, MONITOR, MWAIT
 */
#define INTERCEPT_SVM_INSNS 0x7fu
#define INTERCEPT_WBINVD (1u << 9)
#define INTERCEPT_MONITOR (3u << 10)
/* vmcb.intercept_cr: CR8, writes */
#define INTERCEPT_CR8_WRITES (UINT32_C(1) << 24)
/* vmcb.intercept_dr: DR0-DR3 and DR7, writes */
#define INTERCEPT_DR_WRITES (0x8fu << 16)
#define INTERCEPT_BP (1u << 3)

/* vmcb.tlb_control */
#define TLB_FLUSH_NOTHING 0u
#define TLB_FLUSH_ALL 1u

/* vmcb.virtual_interrupt */
#define VINTR_TPR 0xffu
#define VINTR_IRQ (UINT64_C(1) << 8)
#define VINTR_PRIORITY_MAX (UINT64_C(0xf) << 16)
#define VINTR_IGNORE_TPR (UINT64_C(1) << 20)
#define VINTR_MASKING (UINT64_C(1) << 24)

/* vmcb.event and vmcb.exit_event */
#define EVENT_VALID (UINT64_C(1) << 31)
#define EVENT_HAS_ERROR (UINT64_C(1) << 11)
#define EVENT_ERROR_SHIFT 32
enum svm_event_type {
	EVENT_INTERRUPT = 0 << 8,
	EVENT_NMI = 2 << 8,
	EVENT_EXCEPTION = 3 << 8,
	EVENT_SOFTWARE_INTERRUPT = 4 << 8,
};

/* vmcb.exit_code */
#define SVM_EXIT_CR8_WRITE 0x18u
#define SVM_EXIT_DR0_WRITE 0x30u
#define SVM_EXIT_DR7_WRITE 0x37u
#define SVM_EXIT_EXCEPTION_BP 0x43u
#define SVM_EXIT_INTR 0x60u
#define SVM_EXIT_NMI 0x61u
#define SVM_EXIT_SMI 0x62u
#define SVM_EXIT_INIT 0x63u
#define SVM_EXIT_VINTR 0x64u
#define SVM_EXIT_RDPMC 0x6fu
#define SVM_EXIT_CPUID 0x72u
#define SVM_EXIT_RSM 0x73u
#define SVM_EXIT_IRET 0x74u
#define SVM_EXIT_SWINT 0x75u
#define SVM_EXIT_INVD 0x76u
#define SVM_EXIT_HLT 0x78u
#define SVM_EXIT_INVLPGA 0x7au
#define SVM_EXIT_IO 0x7bu
#define SVM_EXIT_MSR 0x7cu
#define SVM_EXIT_SHUTDOWN 0x7fu
#define SVM_EXIT_VMRUN 0x80u
#define SVM_EXIT_VMMCALL 0x81u
#define SVM_EXIT_SKINIT 0x86u
#define SVM_EXIT_WBINVD 0x89u
#define SVM_EXIT_MWAIT_ARMED 0x8cu
#define SVM_EXIT_NPF 0x400u
#define SVM_EXIT_INVALID UINT64_MAX

/* exit_info1 of SVM_EXIT_IO */
#define IO_IN (1u << 0)
#define IO_STRING (1u << 2)
#define IO_SIZE(info) ((info) >> 4 & 7u) /* 1, 2 or 4 */
#define IO_PORT(info) ((uint16_t)((info) >> 16))

/* exit_info1 of SVM_EXIT_NPF: a page fault's error code, and: */
#define NPF_PRESENT (1u << 0)
#define NPF_WRITE (1u << 1)
#define NPF_FETCH (1u << 4)
#define NPF_ON_TABLE_WALK (UINT64_C(1) << 33)

#define RFLAGS_FIXED 0x2u
#define RFLAGS_TF (1u << 8)
#define RFLAGS_IF (1u << 9)
#define RFLAGS_RF (1u << 16)
#define CR0_PE 0x1u
#define CR0_PG 0x80000000u
#define CR4_OSXSAVE (1u << 18)
#define DR6_INIT 0xffff0ff0u
#define DR6_STEP (1u << 14)
#define DR7_INIT 0x400u
#define DR7_ARMED 0xffu
#define PAT_INIT UINT64_C(0x0007040600070406)

/* struct svm_segment.attributes: type and flags as in a descriptor, without the gap. */
#define SEGMENT_CODE64 0xa9bu
#define SEGMENT_DATA 0xc93u
#define SEGMENT_CODE16 0x9bu
#define SEGMENT_DATA16 0x93u
#define SEGMENT_LDT 0x82u
#define SEGMENT_TSS 0x8bu
#define SEGMENT_LONG (1u << 9)
#define SEGMENT_32BIT (1u << 10)

struct svm_segment {
	uint16_t selector;
	uint16_t attributes;
	uint32_t limit;
	uint64_t base;
};

struct vmcb {
	uint32_t intercept_cr;
	uint32_t intercept_dr;
	uint32_t intercept_exceptions;
	uint32_t intercept_misc1;
	uint32_t intercept_misc2;
	uint8_t reserved014[0x40 - 0x14];
	uint64_t io_map_pa;
	uint64_t msr_map_pa;
	uint64_t tsc_offset;
	uint32_t asid;
	uint32_t tlb_control;
	uint64_t virtual_interrupt;
	uint64_t interrupt_shadow;
	uint64_t exit_code;
	uint64_t exit_info1;
	uint64_t exit_info2;
	uint64_t exit_event;
	uint64_t nested_paging;
	uint8_t reserved098[0xa8 - 0x98];
	uint64_t event;
	uint64_t nested_root_pa;
	uint64_t lbr;
	uint32_t clean;
	uint8_t reserved0c4[0x400 - 0xc4];

	struct svm_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t reserved4a0[0x4cb - 0x4a0];
	uint8_t cpl;
	uint32_t reserved4cc;
	uint64_t efer;
	uint8_t reserved4d8[0x548 - 0x4d8];
	uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
	uint8_t reserved580[0x5d8 - 0x580];
	uint64_t rsp;
	uint8_t reserved5e0[0x5f8 - 0x5e0];
	uint64_t rax, star, lstar, cstar, sfmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip, cr2;
	uint8_t reserved648[0x668 - 0x648];
	uint64_t pat;
	uint8_t reserved670[0x1000 - 0x670];
};

AXB_STATIC_ASSERT(offsetof(struct vmcb, io_map_pa) == 0x40, "APM vol. 2, table B-1");
AXB_STATIC_ASSERT(offsetof(struct vmcb, asid) == 0x58, "APM vol. 2, table B-1");
AXB_STATIC_ASSERT(offsetof(struct vmcb, exit_code) == 0x70, "APM vol. 2, table B-1");
AXB_STATIC_ASSERT(offsetof(struct vmcb, event) == 0xa8, "APM vol. 2, table B-1");
AXB_STATIC_ASSERT(offsetof(struct vmcb, nested_root_pa) == 0xb0, "APM vol. 2, table B-1");
AXB_STATIC_ASSERT(offsetof(struct vmcb, es) == 0x400, "APM vol. 2, table B-2");
AXB_STATIC_ASSERT(offsetof(struct vmcb, tr) == 0x490, "APM vol. 2, table B-2");
AXB_STATIC_ASSERT(offsetof(struct vmcb, cpl) == 0x4cb, "APM vol. 2, table B-2");
AXB_STATIC_ASSERT(offsetof(struct vmcb, efer) == 0x4d0, "APM vol. 2, table B-2");
AXB_STATIC_ASSERT(offsetof(struct vmcb, cr4) == 0x548, "APM vol. 2, table B-2");
AXB_STATIC_ASSERT(offsetof(struct vmcb, rip) == 0x578, "APM vol. 2, table B-2");
AXB_STATIC_ASSERT(offsetof(struct vmcb, rsp) == 0x5d8, "APM vol. 2, table B-2");
AXB_STATIC_ASSERT(offsetof(struct vmcb, rax) == 0x5f8, "APM vol. 2, table B-2");
AXB_STATIC_ASSERT(offsetof(struct vmcb, cr2) == 0x640, "APM vol. 2, table B-2");
AXB_STATIC_ASSERT(offsetof(struct vmcb, pat) == 0x668, "APM vol. 2, table B-2");
AXB_STATIC_ASSERT(sizeof(struct vmcb) == 4096, "one page");

#endif

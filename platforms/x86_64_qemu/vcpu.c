/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/vcpu.h"

#include "platforms/reference/hooks.h"
#include "platforms/reference/pages.h"
#include "platforms/reference/x86_64/cpu.h"
#include "platforms/x86_64_qemu/exit.h"
#include "platforms/x86_64_qemu/lapic.h"
#include "platforms/x86_64_qemu/offsets.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "platforms/x86_64_qemu/svm.h"
#include "platforms/x86_64_qemu/timer.h"
#include "platforms/x86_64_qemu/vm.h"
#include "runtime/base/atomic.h"

AXB_STATIC_ASSERT(8 * REG_RCX == REGS_RCX, "used by vmenter.S");
AXB_STATIC_ASSERT(8 * REG_RDI == REGS_RDI, "used by vmenter.S");
AXB_STATIC_ASSERT(8 * 15 == REGS_R15, "used by vmenter.S");

#define MXCSR_OFFSET 24u
#define MXCSR_INIT 0x1f80u
#define XCR0_X87 1u
#define CPUID_XSAVE_LEAF 0xdu
#define CR0_64BIT 0x80010033u /* PG, WP, NE, ET, MP, PE */
#define CR0_AT_RESET 0x60000010u
#define CR4_64BIT 0x620u         /* OSXMMEXCPT, OSFXSR, PAE */
#define RDX_AT_RESET 0x00800f12u /* family, model, stepping */

extern const uint8_t image_start[], hypervisor_pages_start[];

void vcpu_enter(struct cpu_regs *regs, uint64_t vmcb_pa);

static void set_intercepts(struct vmcb *vmcb)
{
	/* TCG (QEMU 7.2) stops with an assertion when a guest writes CR8 while V_IRQ is set. */
	vmcb->intercept_cr = INTERCEPT_CR8_WRITES;
	vmcb->intercept_dr = INTERCEPT_DR_WRITES;
	/* Under TCG INT3 comes as SVM_EXIT_SWINT, so INTn is intercepted for it; on real CPUs the
	 * intercept of #BP would do. */
	vmcb->intercept_exceptions = INTERCEPT_BP;
	vmcb->intercept_misc1 = INTERCEPT_INTR | INTERCEPT_NMI | INTERCEPT_SMI | INTERCEPT_INIT |
				INTERCEPT_RDPMC | INTERCEPT_CPUID | INTERCEPT_RSM | INTERCEPT_INTN |
				INTERCEPT_INVD | INTERCEPT_HLT | INTERCEPT_INVLPGA | INTERCEPT_IO |
				INTERCEPT_MSR | INTERCEPT_SHUTDOWN;
	vmcb->intercept_misc2 = INTERCEPT_SVM_INSNS | INTERCEPT_WBINVD | INTERCEPT_MONITOR;
	vmcb->io_map_pa = svm_io_map();
	vmcb->msr_map_pa = svm_msr_map();
	vmcb->virtual_interrupt = VINTR_MASKING;
	vmcb->nested_paging = 1;
	vmcb->pat = PAT_INIT;
	vmcb->dr6 = DR6_INIT;
	vmcb->dr7 = DR7_INIT;
	vmcb->rflags = RFLAGS_FIXED;
}

static void set_data_segments(struct vmcb *vmcb, uint16_t attributes, uint32_t limit)
{
	const struct svm_segment data = {.attributes = attributes, .limit = limit};
	vmcb->ds = vmcb->es = vmcb->ss = vmcb->fs = vmcb->gs = data;
	vmcb->tr = (struct svm_segment){.attributes = SEGMENT_TSS, .limit = 0xffff};
	vmcb->ldtr = (struct svm_segment){.attributes = SEGMENT_LDT, .limit = 0xffff};
	vmcb->gdtr = vmcb->idtr = (struct svm_segment){.limit = 0xffff};
}

/* As the Linux 64-bit boot protocol wants it, and as good for others: flat, paging on. */
static void set_64bit_entry(struct vcpu *vcpu, const struct package_vm *package)
{
	struct vmcb *vmcb = vcpu->vmcb;
	set_data_segments(vmcb, SEGMENT_DATA, UINT32_MAX);
	vmcb->ds.selector = vmcb->es.selector = vmcb->ss.selector = 0x18;
	vmcb->cs = (struct svm_segment){
		.selector = 0x10, .attributes = SEGMENT_CODE64, .limit = UINT32_MAX};
	vmcb->gdtr.limit = vmcb->idtr.limit = 0;
	vmcb->efer = EFER_SVME | EFER_LME | EFER_LMA | EFER_NXE | EFER_SCE;
	vmcb->cr0 = CR0_64BIT;
	vmcb->cr4 = CR4_64BIT;
	vmcb->cr3 = package->root;
	vmcb->rip = package->entry;
	vcpu->regs.gpr[REG_RDI] = package->args[0];
	vcpu->regs.gpr[REG_RSI] = package->args[1];
	vcpu->regs.gpr[REG_RDX] = package->args[2];
	vcpu->regs.gpr[REG_RCX] = package->args[3];
}

/* Ref: APM vol. 2, 14.1.3 "Processor Initialization State". */
void vcpu_reset(struct vcpu *vcpu, uint32_t vector)
{
	struct vmcb *vmcb = vcpu->vmcb;
	set_data_segments(vmcb, SEGMENT_DATA16, 0xffff);
	set_intercepts(vmcb);
	vmcb->cs = (struct svm_segment){.selector = (uint16_t)(vector << 8),
		.attributes = SEGMENT_CODE16,
		.limit = 0xffff,
		.base = (uint64_t)vector << 12};
	vmcb->efer = EFER_SVME;
	vmcb->cr0 = CR0_AT_RESET;
	vmcb->cr2 = vmcb->cr3 = vmcb->cr4 = 0;
	vmcb->rip = 0;
	vmcb->cpl = 0;
	vmcb->event = 0;
	vmcb->interrupt_shadow = 0;
	vcpu->regs = (struct cpu_regs){0};
	vcpu->regs.gpr[REG_RDX] = RDX_AT_RESET;
	vcpu->halted = false;
	vcpu->nmi_blocked = false;
	x2apic_init(&vcpu->apic, vcpu->id, time_tsc_khz());
}

enum axb_status vcpu_init(struct vcpu *vcpu, struct vm *vm, uint16_t id)
{
	*vcpu = (struct vcpu){.vm = vm, .id = id, .xcr0 = XCR0_X87};
	vcpu->vmcb = pages_alloc();
	vcpu->fpu = pages_alloc();
	if (vcpu->vmcb == NULL || vcpu->fpu == NULL) {
		vcpu_deinit(vcpu);
		return AXB_ERR_NOMEM;
	}
	*(uint32_t *)((uint8_t *)vcpu->fpu + MXCSR_OFFSET) = MXCSR_INIT;
	vcpu->vmcb->nested_root_pa = (uint64_t)vm->npt.root;
	vcpu_reset(vcpu, 0);
	vcpu->waits_for_startup = id != 0;
	if (id == 0) {
		set_64bit_entry(vcpu, vm->package);
	}
	trace_vcpu_create(vcpu);
	return AXB_OK;
}

void vcpu_deinit(struct vcpu *vcpu)
{
	if (vcpu->vmcb != NULL) {
		pages_free(vcpu->vmcb);
	}
	if (vcpu->fpu != NULL) {
		pages_free(vcpu->fpu);
	}
	vcpu->vmcb = NULL;
	vcpu->fpu = NULL;
}

static uint64_t xcr0_all(void)
{
	struct cpuid features = cpuid(CPUID_XSAVE_LEAF, 0);
	return (uint64_t)features.edx << 32 | features.eax;
}

void vcpu_unload(struct vcpu *vcpu)
{
	if (percpu()->loaded != vcpu) {
		return;
	}
	vcpu->tsc_aux = read_msr(MSR_TSC_AUX);
	vcpu->xcr0 = read_xcr0();
	write_xcr0(xcr0_all());
	save_fpu(vcpu->fpu);
	percpu()->loaded = NULL;
}

/* What neither VMRUN nor VMLOAD switches. */
static void load(struct vcpu *vcpu)
{
	if (percpu()->loaded == vcpu) {
		return;
	}
	if (percpu()->loaded != NULL) {
		vcpu_unload(percpu()->loaded);
	}
	write_xcr0(xcr0_all());
	restore_fpu(vcpu->fpu);
	write_xcr0(vcpu->xcr0);
	write_msr(MSR_TSC_AUX, vcpu->tsc_aux);
	write_dr0(vcpu->dr[0]);
	write_dr1(vcpu->dr[1]);
	write_dr2(vcpu->dr[2]);
	write_dr3(vcpu->dr[3]);
	percpu()->loaded = vcpu;
}

void vcpu_advance(struct vcpu *vcpu, uint64_t length)
{
	vcpu->vmcb->rip += length;
	vcpu->vmcb->interrupt_shadow = 0;
	vcpu->vmcb->rflags &= ~(uint64_t)RFLAGS_RF;
}

static void set_event(struct vcpu *vcpu, uint64_t event, uint64_t error)
{
	vcpu->vmcb->event = event | EVENT_VALID | error << EVENT_ERROR_SHIFT;
	trace_vcpu_inject(vcpu, (uint32_t)event & 0xff, error);
}

void vcpu_inject(struct vcpu *vcpu, uint32_t vector)
{
	set_event(vcpu, vector | EVENT_EXCEPTION, 0);
}

void vcpu_inject_error(struct vcpu *vcpu, uint32_t vector, uint32_t error)
{
	set_event(vcpu, vector | EVENT_EXCEPTION | EVENT_HAS_ERROR, error);
}

void vcpu_inject_software(struct vcpu *vcpu, uint32_t vector)
{
	set_event(vcpu, vector | EVENT_SOFTWARE_INTERRUPT, 0);
}

void vcpu_skip(struct vcpu *vcpu, uint64_t length)
{
	struct vmcb *vmcb = vcpu->vmcb;
	vcpu_advance(vcpu, length);
	if ((vmcb->rflags & RFLAGS_TF) != 0 && (vmcb->event & EVENT_VALID) == 0) {
		vmcb->dr6 |= DR6_STEP;
		vcpu_inject(vcpu, VECTOR_DEBUG);
	}
}

void vcpu_kick(struct vcpu *vcpu)
{
	if (vcpu->cpu != percpu()->id) {
		lapic_kick(vcpu->cpu);
	}
}

void vcpu_post_interrupt(struct vcpu *vcpu, uint8_t vector)
{
	x2apic_request(&vcpu->apic, vector);
	trace_irq_inject(vcpu, vector, X2APIC_PRIORITY(vector));
	vcpu_kick(vcpu);
}

void vcpu_post_event(struct vcpu *vcpu, enum vcpu_event event)
{
	(void)axb_fetch_or_acq_rel(&vcpu->events_pending, (uint32_t)event);
	vcpu_kick(vcpu);
}

static bool take_event(struct vcpu *vcpu, enum vcpu_event event)
{
	return (axb_fetch_and_acq_rel(&vcpu->events_pending, ~(uint32_t)event) & event) != 0;
}

/* INIT and SIPI come at once; @return false while the vCPU waits for them. */
static bool is_started(struct vcpu *vcpu)
{
	if (axb_load_acquire(&vcpu->events_pending) != 0) {
		if (take_event(vcpu, VCPU_INIT)) {
			vcpu_reset(vcpu, 0);
			vcpu->waits_for_startup = true;
		}
		if (take_event(vcpu, VCPU_STARTUP) && vcpu->waits_for_startup) {
			vcpu_reset(vcpu, vcpu->startup_vector);
			vcpu->waits_for_startup = false;
		}
	}
	return !vcpu->waits_for_startup;
}

static void wake(struct vcpu *vcpu)
{
	uint64_t waited_ns = time_now_ns() - vcpu->blocked_ns;
	vcpu->halted = false;
	/* Waiting is not work: leave it out of the time in the hypervisor. */
	vcpu->switched_ns += waited_ns;
	trace_vcpu_block(vcpu, waited_ns);
}

void vcpu_poll_timer(struct vcpu *vcpu)
{
	uint32_t vector = x2apic_poll_timer(&vcpu->apic, read_tsc());
	if (vector != X2APIC_NO_VECTOR) {
		trace_timer_event(vcpu, vector);
		trace_irq_inject(vcpu, vector, X2APIC_PRIORITY(vector));
	}
}

bool vcpu_is_runnable(struct vcpu *vcpu)
{
	if (!is_started(vcpu)) {
		return false;
	}
	if (!vcpu->halted) {
		return true;
	}
	bool interrupts = (vcpu->vmcb->rflags & RFLAGS_IF) != 0;
	if ((axb_load_acquire(&vcpu->events_pending) & VCPU_NMI) != 0 ||
		(interrupts && x2apic_pending(&vcpu->apic) != X2APIC_NO_VECTOR)) {
		wake(vcpu);
	}
	return !vcpu->halted;
}

static void give_nmi(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vcpu->vmcb;
	/* After the IRET has exited it still has to be executed. */
	bool in_iret = vcpu->nmi_iret_pc != 0 && vcpu->nmi_iret_pc == vmcb->rip;
	if (vcpu->nmi_blocked || in_iret || (vmcb->event & EVENT_VALID) != 0) {
		return;
	}
	if (take_event(vcpu, VCPU_NMI)) {
		vcpu->nmi_iret_pc = 0;
		vcpu->nmi_blocked = true;
		vmcb->intercept_misc1 |= INTERCEPT_IRET;
		vmcb->event = 2 | EVENT_NMI | EVENT_VALID;
	}
}

/* An interrupt that is pending goes in now, or the guest exits as soon as it can take it. */
static void give_interrupt(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vcpu->vmcb;
	uint32_t vector = x2apic_pending(&vcpu->apic);
	vmcb->virtual_interrupt &= ~(VINTR_IRQ | VINTR_PRIORITY_MAX | VINTR_IGNORE_TPR);
	vmcb->intercept_misc1 &= ~INTERCEPT_VINTR;
	if (vector == X2APIC_NO_VECTOR) {
		return;
	}
	if ((vmcb->rflags & RFLAGS_IF) != 0 && (vmcb->interrupt_shadow & 1) == 0 &&
		(vmcb->event & EVENT_VALID) == 0) {
		x2apic_accept(&vcpu->apic, vector);
		vmcb->event = vector | EVENT_INTERRUPT | EVENT_VALID;
		return;
	}
	vmcb->virtual_interrupt |= VINTR_IRQ | VINTR_PRIORITY_MAX | VINTR_IGNORE_TPR;
	vmcb->intercept_misc1 |= INTERCEPT_VINTR;
}

static void prepare(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vcpu->vmcb;
	bool flush_all;
	load(vcpu);
	/* Acquire; pairs with the release in vm_protect(). A new ASID has nothing cached. */
	if (axb_exchange_acq_rel(&vcpu->flush_pending, 0u) != 0) {
		vcpu->asid_generation = 0;
	}
	vmcb->asid = svm_asid(&vcpu->asid_generation, vmcb->asid, &flush_all);
	vmcb->tlb_control = flush_all ? TLB_FLUSH_ALL : TLB_FLUSH_NOTHING;
	if ((axb_load_acquire(&vcpu->events_pending) & VCPU_NMI) != 0) {
		give_nmi(vcpu);
	}
	give_interrupt(vcpu);
	vmcb->virtual_interrupt =
		(vmcb->virtual_interrupt & ~(uint64_t)VINTR_TPR) | vcpu->apic.task_priority >> 4;
	vmcb->rax = vcpu->regs.gpr[REG_RAX];
	vmcb->rsp = vcpu->regs.gpr[REG_RSP];
}

/* Time since the last switch between guest and hypervisor, which is now. */
static uint64_t lap(struct vcpu *vcpu)
{
	uint64_t now_ns = time_now_ns();
	uint64_t passed_ns = vcpu->switched_ns == 0 ? 0 : now_ns - vcpu->switched_ns;
	vcpu->switched_ns = now_ns;
	return passed_ns;
}

/* VMRUN of TCG takes DR7 from the VMCB without arming anything: only MOV to DR7 arms, from there
 * on. All writes of the guest's come here (INTERCEPT_DR_WRITES), so arming and disarming are always
 * in pairs; an address in the hypervisor's image, which runs until VMRUN, is left out. */
static void arm_debug_registers(const struct vcpu *vcpu, bool on)
{
	uint64_t control = vcpu->vmcb->dr7;
	if ((control & DR7_ARMED) == 0) {
		return;
	}
	for (uint32_t i = 0; i < AXB_ARRAY_COUNT(vcpu->dr); i++) {
		uint64_t last = vcpu->dr[i] | 7;
		if (last >= (uint64_t)image_start &&
			vcpu->dr[i] < (uint64_t)hypervisor_pages_start) {
			control &= ~(UINT64_C(3) << 2 * i);
		}
	}
	write_dr7(on ? control : DR7_INIT);
}

static void enter(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vcpu->vmcb;
	arm_debug_registers(vcpu, true);
	/* Before the test of flush_pending: vm_protect() sets that, then looks here. */
	__atomic_store_n(&vcpu->in_guest, 1u, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&vcpu->flush_pending, __ATOMIC_SEQ_CST) != 0) {
		vmcb->tlb_control = TLB_FLUSH_ALL;
		axb_store_relaxed(&vcpu->flush_pending, 0u);
	}
	vcpu_enter(&vcpu->regs, (uint64_t)vmcb);
	axb_store_release(&vcpu->in_guest, 0u);
	arm_debug_registers(vcpu, false);
}

void vcpu_run(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vcpu->vmcb;
	prepare(vcpu);
	trace_vcpu_enter(vcpu, lap(vcpu));
	vcpu->in_exit = false;
	enter(vcpu);
	vcpu->regs.gpr[REG_RAX] = vmcb->rax;
	vcpu->regs.gpr[REG_RSP] = vmcb->rsp;
	/* What was being delivered when the guest exited is delivered again. Software interrupts
	 * are ours too (handle_software_interrupt()), with RIP behind the instruction. */
	vmcb->event = (vmcb->exit_event & EVENT_VALID) != 0 ? vmcb->exit_event : 0;
	vcpu->reason = exit_decode(vmcb->exit_code);
	vcpu->in_exit = true;
	vcpu->exit_count[vcpu->reason]++;
	trace_vcpu_exit(vcpu, lap(vcpu));
}

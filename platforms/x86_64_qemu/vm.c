/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/vm.h"

#include "platforms/reference/hooks.h"
#include "platforms/reference/pages.h"
#include "platforms/reference/session.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "platforms/x86_64_qemu/run.h"
#include "platforms/x86_64_qemu/timer.h"
#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"

static struct vm vms[PACKAGE_VMS_MAX];

static struct vm *vm_of(uint16_t id)
{
	return &vms[id - 1];
}

bool vm_has_ram(const struct vm *vm, axb_gpa_t gpa)
{
	return gpa.pa - vm->package->ram_base < vm->package->ram_size;
}

static bool has_device(const struct vm *vm)
{
	return (vm->package->flags & PACKAGE_VM_DEVICE) != 0;
}

static void free_leaf(axb_hpa_t hpa, uint64_t size)
{
	if (size == NPT_BLOCK_SIZE) {
		pages_free_block((void *)hpa.pa);
	} else {
		pages_free((void *)hpa.pa);
	}
}

/* Map new memory at @gpa: a block, unless the VM is to have pages or there are some already. */
static bool back(struct vm *vm, axb_gpa_t gpa)
{
	axb_gpa_t start = {gpa.pa & ~(uint64_t)(NPT_BLOCK_SIZE - 1)};
	void *memory = NULL;
	uint64_t size = NPT_BLOCK_SIZE;
	if (!has_device(vm) && !npt_has_pages(&vm->npt, gpa)) {
		memory = pages_alloc_block();
	}
	if (memory == NULL) {
		start.pa = gpa.pa & ~(uint64_t)(NPT_PAGE_SIZE - 1);
		size = NPT_PAGE_SIZE;
		memory = pages_alloc();
	}
	axb_hpa_t hpa = {(uint64_t)memory};
	if (memory == NULL) {
		return false;
	}
	if (npt_map(&vm->npt, start, hpa, size) != AXB_OK) {
		free_leaf(hpa, size);
		return false;
	}
	vm->backed_size += size;
	trace_s2_map(vm->id, start, hpa, size, NPT_ALL);
	return true;
}

void *vm_memory(struct vm *vm, axb_gpa_t gpa)
{
	axb_hpa_t hpa;
	if (!vm_has_ram(vm, gpa)) {
		return NULL;
	}
	axb_spinlock_lock(&vm->lock);
	bool found = npt_translate(&vm->npt, gpa, &hpa) ||
		     (back(vm, gpa) && npt_translate(&vm->npt, gpa, &hpa));
	axb_spinlock_unlock(&vm->lock);
	return found ? (void *)hpa.pa : NULL;
}

enum axb_status vm_protect(struct vm *vm, axb_gpa_t gpa, uint32_t permissions)
{
	axb_spinlock_lock(&vm->lock);
	enum axb_status st = npt_protect(&vm->npt, gpa, permissions);
	axb_spinlock_unlock(&vm->lock);
	if (st != AXB_OK) {
		return st;
	}
	for (uint32_t i = 0; i < vm->package->vcpu_count; i++) {
		struct vcpu *vcpu = &vm->vcpus[i];
		/* Each flushes when it enters the guest next; one that is in there has to leave. */
		__atomic_store_n(&vcpu->flush_pending, 1u, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&vcpu->in_guest, __ATOMIC_SEQ_CST) != 0) {
			vcpu_kick(vcpu);
		}
		while (axb_load_acquire(&vcpu->in_guest) != 0 &&
			axb_load_acquire(&vcpu->flush_pending) != 0) {
			axb_cpu_relax();
		}
	}
	trace_s2_tlbi(vm->id, gpa, NPT_PAGE_SIZE);
	return AXB_OK;
}

/* The first of all CPUs wins. */
static void end(
	struct vm *vm, enum vm_state state, uint64_t status, const char *failure, bool restart)
{
	axb_spinlock_lock(&vm->lock);
	if (!vm_has_ended(vm)) {
		vm->restart = restart;
		vm->status = status;
		vm->failure = failure;
		axb_store_release(&vm->ended, (uint32_t)state);
	}
	axb_spinlock_unlock(&vm->lock);
	for (uint32_t i = 0; i < vm->package->vcpu_count; i++) {
		vcpu_kick(&vm->vcpus[i]);
	}
}

void vm_stop(struct vm *vm, uint64_t status)
{
	end(vm, VM_STOPPED, status, NULL, false);
}

void vm_restart(struct vm *vm)
{
	end(vm, VM_STOPPED, 0, NULL, true);
}

void vm_fail(struct vm *vm, const char *why)
{
	end(vm, VM_FAILED, 0, why, false);
}

static bool copy_piece(struct vm *vm, const struct package_piece *piece)
{
	const uint8_t *from = package_bytes(session_package(), piece->offset, piece->size).data;
	uint64_t done = 0;
	while (done < piece->size) {
		axb_gpa_t gpa = {piece->gpa + done};
		uint64_t room = NPT_PAGE_SIZE - gpa.pa % NPT_PAGE_SIZE;
		uint64_t part = piece->size - done < room ? piece->size - done : room;
		void *to = vm_memory(vm, gpa);
		if (to == NULL) {
			return false;
		}
		memcpy(to, from + done, part);
		done += part;
	}
	return true;
}

static enum axb_status load_pieces(struct vm *vm)
{
	uint64_t began_ns = time_now_ns();
	uint64_t size = 0;
	for (uint32_t i = 0; i < vm->package->piece_count; i++) {
		if (!copy_piece(vm, &vm->package->pieces[i])) {
			return AXB_ERR_NOMEM;
		}
		size += vm->package->pieces[i].size;
	}
	trace_image_load(vm->id, size, time_now_ns() - began_ns);
	return AXB_OK;
}

static void release(struct vm *vm)
{
	for (uint32_t i = 0; i < vm->package->vcpu_count; i++) {
		vcpu_deinit(&vm->vcpus[i]);
	}
	npt_deinit(&vm->npt, free_leaf);
	trace_s2_unmap(vm->id, (axb_gpa_t){vm->package->ram_base}, vm->package->ram_size);
	vm->backed_size = 0;
}

static enum axb_status make(struct vm *vm)
{
	AXB_TRY(npt_init(&vm->npt));
	for (uint16_t i = 0; i < vm->package->vcpu_count; i++) {
		AXB_TRY(vcpu_init(&vm->vcpus[i], vm, i));
	}
	device_init(&vm->device, vm->id);
	vm->uart = (struct uart16550){0};
	return load_pieces(vm);
}

enum axb_status machine_vm_start(uint16_t id)
{
	struct vm *vm = vm_of(id);
	if (vm->state == VM_RUNNING) {
		return AXB_ERR_BUSY;
	}
	vm->ended = 0;
	vm->status = 0;
	vm->failure = NULL;
	trace_vm_create(vm);
	enum axb_status st = make(vm);
	if (st != AXB_OK) {
		release(vm);
		return st;
	}
	vm->state = VM_RUNNING;
	vm->starts++;
	trace_vm_boot(&vm->vcpus[0]);
	for (uint32_t i = 0; i < vm->package->vcpu_count; i++) {
		run_attach(&vm->vcpus[i]);
	}
	return AXB_OK;
}

static bool is_detached(const struct vm *vm)
{
	for (uint32_t i = 0; i < vm->package->vcpu_count; i++) {
		if (axb_load_acquire(&vm->vcpus[i].attached) != 0) {
			return false;
		}
	}
	return true;
}

static void bury(struct vm *vm)
{
	release(vm);
	vm->state = (enum vm_state)vm->ended;
	trace_vm_destroy(vm->id);
}

void vm_reap(void)
{
	for (uint16_t i = 0; i < session_package()->vm_count; i++) {
		struct vm *vm = &vms[i];
		if (vm->state != VM_RUNNING || !vm_has_ended(vm) || !is_detached(vm)) {
			continue;
		}
		bury(vm);
		if (vm->restart && machine_vm_start(vm->id) != AXB_OK) {
			vm->state = VM_FAILED;
			vm->failure = "no memory to start it again";
		}
	}
}

enum axb_status machine_vm_stop(uint16_t id)
{
	struct vm *vm = vm_of(id);
	if (vm->state != VM_RUNNING) {
		return AXB_ERR_NOT_FOUND;
	}
	/* VM_OFF is 0, which says in ended that it goes on. */
	end(vm, VM_STOPPED, 0, NULL, false);
	while (!is_detached(vm)) {
		run_detach_ended();
		axb_cpu_relax();
	}
	bury(vm);
	vm->state = VM_OFF;
	return AXB_OK;
}

void machine_vm_info(uint16_t id, struct vm_info *out)
{
	const struct vm *vm = vm_of(id);
	*out = (struct vm_info){.state = vm->state,
		.status = vm->status,
		.failure = vm->failure,
		.starts = vm->starts,
		.backed_size = vm->backed_size};
	for (uint32_t i = 0; i < vm->package->vcpu_count; i++) {
		for (uint32_t reason = 0; reason < EXIT_COUNT_; reason++) {
			out->exits += vm->vcpus[i].exit_count[reason];
		}
	}
}

uint64_t machine_vm_exits(uint16_t id, uint32_t vcpu, uint32_t reason)
{
	return vm_of(id)->vcpus[vcpu].exit_count[reason];
}

uint32_t machine_exit_reasons(void)
{
	return EXIT_COUNT_;
}

const char *machine_exit_reason_name(uint32_t reason)
{
	static const char *const names[] = {
		[EXIT_UNKNOWN] = "unknown",
		[EXIT_INTR] = "intr",
		[EXIT_NMI] = "nmi",
		[EXIT_INTERRUPT_WINDOW] = "interrupt_window",
		[EXIT_HLT] = "hlt",
		[EXIT_IO] = "io",
		[EXIT_MSR] = "msr",
		[EXIT_CPUID] = "cpuid",
		[EXIT_NPF] = "npf",
		[EXIT_VMMCALL] = "vmmcall",
		[EXIT_BREAKPOINT] = "breakpoint",
		[EXIT_SOFTWARE_INTERRUPT] = "software_interrupt",
		[EXIT_DEBUG_REGISTER] = "debug_register",
		[EXIT_CONTROL_REGISTER] = "cr_access",
		[EXIT_INSN] = "insn",
		[EXIT_IRET] = "iret",
		[EXIT_SHUTDOWN] = "shutdown",
		[EXIT_INVALID] = "invalid",
	};
	AXB_STATIC_ASSERT(AXB_ARRAY_COUNT(names) == EXIT_COUNT_, "one each");
	return names[reason];
}

void machine_vm_input(uint16_t id, char c)
{
	/* What does not fit is lost, as on a line without flow control. */
	(void)uart16550_key(&vm_of(id)->uart, (uint8_t)c);
}

bool machine_vm_anchor(uint16_t id, const char **symbol, uint64_t *address)
{
	const struct vm *vm = vm_of(id);
	const struct vmcb *vmcb = vm->vcpus[0].vmcb;
	if (vm->state != VM_RUNNING || vmcb->lstar == 0) {
		return false;
	}
	*symbol = "entry_SYSCALL_64";
	*address = vmcb->lstar;
	return true;
}

void vm_init_all(void)
{
	for (uint16_t i = 0; i < session_package()->vm_count; i++) {
		vms[i].id = (uint16_t)(i + 1);
		vms[i].package = package_get_vm(session_package(), vms[i].id);
	}
}

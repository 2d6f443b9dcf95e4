/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ports: a 16550, power off. Others read as ones and take no writes.
 */
#include "platforms/x86_64_qemu/board.h"
#include "platforms/reference/console.h"
#include "platforms/x86_64_qemu/exit.h"
#include "platforms/x86_64_qemu/vm.h"

#define UART_PORT 0x3f8u
#define UART_PORTS 8u
/* ACPI's sleep control register, of hardware-reduced machines (ACPI 6.4, 4.8.3.7). */
#define SLEEP_PORT 0x604u
#define SLEEP_ENABLE 0x20u
#define RESET_PORT 0xcf9u
#define RESET_CPU 0x04u

static uint8_t read8(struct vm *vm, uint16_t port)
{
	if (port - UART_PORT < UART_PORTS) {
		return uart16550_read(&vm->uart, port - UART_PORT);
	}
	return 0xff;
}

/* @return true when the guest sent @value by its UART. */
static bool write8(struct vm *vm, uint16_t port, uint8_t value)
{
	if (port - UART_PORT < UART_PORTS) {
		return uart16550_write(&vm->uart, port - UART_PORT, value);
	}
	return false;
}

/* Only the first byte of a wider access meets a device. */
void exit_handle_io(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	uint64_t info = vcpu->vmcb->exit_info1;
	uint64_t next_pc = vcpu->vmcb->exit_info2;
	uint16_t port = IO_PORT(info);
	uint64_t *rax = &vcpu->regs.gpr[REG_RAX];
	if ((info & IO_STRING) != 0) {
		vcpu_inject_error(vcpu, VECTOR_GENERAL_PROTECTION, 0);
		return;
	}
	vcpu_skip(vcpu, next_pc - vcpu->vmcb->rip);
	uint8_t value = (uint8_t)*rax;
	axb_spinlock_lock(&vm->lock);
	bool sent = false;
	if ((info & IO_IN) != 0) {
		uint64_t mask =
			IO_SIZE(info) == 4 ? UINT64_MAX : (UINT64_C(1) << 8 * IO_SIZE(info)) - 1;
		*rax = (*rax & ~mask) | (mask & 0xffffff00) | read8(vm, port);
	} else {
		sent = write8(vm, port, value);
	}
	axb_spinlock_unlock(&vm->lock);
	if (sent) {
		console_vm_put(vm->id, (char)value);
	}
	if ((info & IO_IN) == 0 && port == SLEEP_PORT && (value & SLEEP_ENABLE) != 0) {
		vm_stop(vm, 0);
	} else if ((info & IO_IN) == 0 && port == RESET_PORT && (value & RESET_CPU) != 0) {
		vm_restart(vm);
	}
}

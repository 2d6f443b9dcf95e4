/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A guest that does what it must not, thousands of times, each time with other operands, which the
 * number of its VM begins. It checks nothing but that it is still there; the hypervisor and the
 * other guests have to be, too. A VM with an odd number ends in a triple fault.
 */
#include "platforms/reference/guests/abi.h"
#include "platforms/reference/guests/arch.h"
#include "platforms/reference/guests/guest.h"
#include "platforms/x86_64_qemu/guests/machine.h"
#include "platforms/x86_64_qemu/guests/resume.h"

#define STEPS 20000u
#define PORT_SLEEP 0x604u
#define PORT_RESET 0xcf9u
#define MSR_ICR 0x830u
#define MSR_ICR_DELIVERY 0x700u
#define IN_HYPERVISOR 0x210000u /* where its code lies, in its own address space */
#define DR7_ALL_ARMED 0xffffu
#define HOLE_MASK 0x00ffffffu
#define KINDS 12u

static uint64_t state = 0x9e3779b97f4a7c15;

/* xorshift64. */
static uint64_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint32_t any_msr(void)
{
	static const uint32_t bases[] = {0, 0x6e0, 0x800, 0x1b, 0xc0000080, 0xc0010000, 0xc0010110,
		0x4b564d00, 0x40000000, 0xffffff00};
	return bases[any() % (sizeof(bases) / sizeof(bases[0]))] + (uint32_t)(any() & 0x3f);
}

static void read_msr(void)
{
	GUEST_TRY("rdmsr", "c"(any_msr()), "a"(0), "d"(0));
}

static void write_msr(void)
{
	uint32_t msr = any_msr();
	uint32_t low = (uint32_t)any();
	/* Not INIT: that would be the end of us. */
	low &= msr == MSR_ICR ? ~MSR_ICR_DELIVERY : UINT32_MAX;
	/* Nor FS, GS and the paging modes, which all of us needs. */
	if (msr < 0xc0000100 || msr > 0xc0000102) {
		GUEST_TRY("wrmsr", "c"(msr), "a"(low), "d"((uint32_t)any()));
	}
}

static void use_port(void)
{
	uint16_t port = (uint16_t)any();
	if (port == PORT_SLEEP || port == PORT_RESET) {
		return;
	}
	GUEST_TRY("outb %%al, %%dx\n\toutl %%eax, %%dx", "a"((uint32_t)any()), "d"(port));
	GUEST_TRY("inw %%dx, %%ax\n\tinl %%dx, %%eax", "a"(0), "d"(port));
}

static void use_hole(void)
{
	uint64_t at = GUEST_HOLE_BASE | (any() & HOLE_MASK);
	switch (any() % 5) {
	case 0:
		GUEST_TRY("movq %0, (%1)", "r"(any()), "r"(at));
		break;
	case 1:
		GUEST_TRY("lock xaddq %%rax, (%0)", "r"(at), "a"(1));
		break;
	case 2:
		GUEST_TRY("jmp *%0", "r"(at));
		break;
	case 3:
		GUEST_TRY("movb %%ah, (%0)", "r"(at), "a"(any()));
		break;
	default:
		GUEST_TRY("fxsave (%0)", "r"(at & ~UINT64_C(15)));
		break;
	}
}

static void call(void)
{
	uint64_t function = any() % 4 == 0 ? any() : HYPERCALL_ADD + any() % 2;
	if ((uint32_t)function != HYPERCALL_STOP) {
		(void)guest_call(function, any(), any());
	}
	/* Pages that are not its own, and its last. */
	(void)guest_call(HYPERCALL_PROTECT, any(), any());
	(void)guest_call(HYPERCALL_PROTECT, guest_machine.ram_end - 4096, any() | 1);
}

static void use_privilege(void)
{
	switch (any() % 10) {
	case 0:
		GUEST_TRY("clgi", "a"(0));
		break;
	case 1:
		GUEST_TRY("vmsave %%rax", "a"(any() & ~UINT64_C(4095)));
		break;
	case 2:
		GUEST_TRY("invlpga %%rax, %%ecx", "a"(any()), "c"(any()));
		break;
	case 3:
		GUEST_TRY("monitor", "a"(GUEST_RAM_BASE), "c"(0), "d"(0));
		break;
	case 4:
		GUEST_TRY("mwait", "a"(0), "c"(0));
		break;
	case 5:
		GUEST_TRY("rdpmc", "c"(any()), "a"(0), "d"(0));
		break;
	case 6:
		GUEST_TRY("invd\n\twbinvd", "a"(0));
		break;
	case 7:
		GUEST_TRY("xsetbv", "c"(any() & 1), "a"((uint32_t)any()), "d"(0));
		break;
	case 8:
		GUEST_TRY("movq %0, %%cr8", "r"(any() & 0xf));
		break;
	default:
		GUEST_TRY("skinit %%eax", "a"((uint32_t)any()));
		break;
	}
}

/* Breakpoints where the hypervisor is, not we. */
static void set_breakpoint(void)
{
	GUEST_TRY("movq %0, %%dr0", "r"(IN_HYPERVISOR + (any() & 0xffff)));
	GUEST_TRY("movq %0, %%dr1", "r"(IN_HYPERVISOR + (any() & 0xffff)));
	GUEST_TRY("movq %0, %%dr7", "r"(any() & DR7_ALL_ARMED & 0xf));
	GUEST_TRY("movq %0, %%dr7", "r"(any()));
	GUEST_TRY("movq %0, %%dr7", "r"(UINT64_C(0)));
}

static void step(void)
{
	switch (any() % KINDS) {
	case 0:
	case 1:
		read_msr();
		break;
	case 2:
	case 3:
		write_msr();
		break;
	case 4:
		use_port();
		break;
	case 5:
		GUEST_TRY("rep outsb", "S"(GUEST_RAM_BASE), "c"(any()), "d"(any()));
		break;
	case 6:
		use_hole();
		break;
	case 7:
		call();
		break;
	case 8:
		use_privilege();
		break;
	case 9:
		set_breakpoint();
		break;
	case 10:
		GUEST_TRY("int $0x21\n\tint $0x0e\n\tint $0xff", "a"(0));
		break;
	default:
		GUEST_TRY("cpuid", "a"(any()), "c"(any()), "d"(0));
		break;
	}
}

void guest_round(uint64_t round)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) no_idt = {0, 0};
	uint64_t id = guest_load(guest_machine.device_base + DEVICE_ID);
	(void)round;
	state += id;
	for (uint32_t i = 0; i < STEPS; i++) {
		step();
	}
	if ((id & 1) != 0) {
		__asm__ __volatile__("lidt %0\n\tint3" ::"m"(no_idt) : "memory");
	}
	/* Our timer may be anything by now. */
	(void)guest_call(HYPERCALL_STOP, 0, 0);
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A guest that tries what its hypervisor must survive: accesses of any size anywhere, calls with
 * any arguments, any system register, EL0 in AArch32. What comes back does not matter, but for the
 * last; that the machine goes on does. The same sequence each time.
 */
#include "platforms/aarch64_qemu/guests/abi.h"
#include "platforms/reference/guests/arch.h"
#include "platforms/reference/guests/guest.h"

#define ACTIONS 20000u
#define PAGE_SIZE 4096u
#define INSN_RET 0xd65f03c0u
#define INSN_MRS 0xd5200000u /* x0 */
#define INSN_SYS 0xd5080000u /* x0 */
#define CALL_PSCI 0x84000000u
#define CALL_64_BIT 0x40000000u
#define SYSREG_WHICH 0x1fffe0u
#define ESR_EC_SHIFT 26
#define EC_SVC32 0x11u
#define EC_DATA_ABORT_LOWER 0x24u

/* start.S: run A32 code at EL0 until its first exception; ESR_EL1 of that. */
uint64_t guest_run_a32(const uint32_t *code);

static uint64_t state = 88172645463325252u;

/* Marsaglia's xorshift64. */
static uint64_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t pick_address(void)
{
	static const struct {
		uint64_t base;
		uint64_t size;
	} ranges[] = {
		{GUEST_GICD_CTLR, 0x10000},
		{0x080a0000, 0x40000},
		{0x09000004, 0xffc}, /* without the data register: it would write to the console */
		{GUEST_DEVICE_BASE, GUEST_DEVICE_SIZE},
		{GUEST_HOLE_BASE, 0x1000},
		{GUEST_RAM_BASE + GUEST_RAM_SIZE, 0x40000000},
		{0, UINT64_MAX},
		{UINT64_C(1) << 38, UINT64_C(1) << 38},
	};
	uint64_t i = any() % (sizeof(ranges) / sizeof(ranges[0]));
	uint64_t address = ranges[i].base + any() % ranges[i].size;
	bool in_ram = address - GUEST_RAM_BASE < GUEST_RAM_SIZE;
	address = in_ram ? GUEST_HOLE_BASE : address;
	return any() % 4 != 0 ? address & ~UINT64_C(7) : address;
}

static void access_memory(void)
{
	uint64_t address = pick_address();
	uint64_t value = any();
	switch (any() % 12) {
	case 0:
		__asm__ __volatile__("ldrb %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
		break;
	case 1:
		__asm__ __volatile__("ldrsh %0, [%1]" : "=r"(value) : "r"(address) : "memory");
		break;
	case 2:
		__asm__ __volatile__("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
		break;
	case 3:
		__asm__ __volatile__("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
		break;
	case 4:
		__asm__ __volatile__("strb %w0, [%1]" ::"r"(value), "r"(address) : "memory");
		break;
	case 5:
		__asm__ __volatile__("str %w0, [%1]" ::"r"(value), "r"(address) : "memory");
		break;
	case 6:
		__asm__ __volatile__("str %0, [%1]" ::"r"(value), "r"(address) : "memory");
		break;
	case 7:
		__asm__ __volatile__("stp %0, xzr, [%1]" ::"r"(value), "r"(address) : "memory");
		break;
	case 8:
		__asm__ __volatile__("ldr xzr, [%0], #8" : "+r"(address)::"memory");
		break;
	case 9:
		__asm__ __volatile__("str xzr, [%0]" ::"r"(address) : "memory");
		break;
	case 10:
		__asm__ __volatile__("dc zva, %0" ::"r"(address) : "memory");
		break;
	default:
		__asm__ __volatile__("ldaxr %0, [%1]\n\tclrex"
			: "=r"(value)
			: "r"(address)
			: "memory");
		break;
	}
}

/* Not those that would end or suspend us: CPU_SUSPEND, CPU_OFF, SYSTEM_OFF, SYSTEM_RESET. */
static bool is_harmless(uint64_t function)
{
	uint64_t number = function & 0xff;
	return function != HYPERCALL_STOP && function != HYPERCALL_RELEASE &&
	       function != HYPERCALL_PROTECT && number != 1 && number != 2 && number != 8 &&
	       number != 9;
}

static void call(void)
{
	uint64_t function = any() % 3 == 0 ? any() : CALL_PSCI | (any() & CALL_64_BIT) | any() % 32;
	if (!is_harmless(function & UINT32_MAX)) {
		return;
	}
	uint64_t small = any() % 4;
	uint64_t arg0 = any() % 2 == 0 ? any() : small;
	(void)guest_call(function, arg0, any() % 2 == 0 ? any() : small);
}

/* Run one instruction that names a system register, or an operation by one, and return. */
static void run_insn(uint32_t insn, uint64_t x0)
{
	static uint32_t code[2] __attribute__((aligned(64)));
	code[0] = insn;
	code[1] = INSN_RET;
	__asm__ __volatile__("dsb sy\n\tic iallu\n\tdsb sy\n\tisb" ::: "memory");
	register uint64_t value __asm__("x0") = x0;
	__asm__ __volatile__("blr %1" : "+r"(value) : "r"(code) : "memory", "x30");
}

static void use_sysreg(void)
{
	uint64_t which = any() & SYSREG_WHICH;
	switch (any() % 4) {
	case 0:
		/* TLB maintenance, and of CRn 7 none that stalls. */
		run_insn(INSN_SYS | (uint32_t)(which & 0x70fe0) | 8u << 12, any());
		break;
	case 1:
		__asm__ __volatile__("msr s3_0_c12_c11_5, %0" ::"r"(any())); /* ICC_SGI1R_EL1 */
		break;
	default:
		run_insn(INSN_MRS | (uint32_t)which | 1u << 20, 0);
		break;
	}
}

/* A32 code at EL0: its aborts are told with other vectors and instruction sizes. */
static void use_aarch32(void)
{
	static const uint32_t calls[] = {0xef000000};              /* svc #0 */
	static const uint32_t strays[] = {0xe3a0140b, 0xe5910000}; /* mov r1, hole; ldr r0, [r1] */
	static const uint32_t device[] = {
		0xe3a0140a, 0xe5910000}; /* mov r1, device; ldr r0, [r1] */
	guest_expect(guest_run_a32(calls) >> ESR_EC_SHIFT == EC_SVC32);
	guest_expect(guest_run_a32(strays) >> ESR_EC_SHIFT == EC_DATA_ABORT_LOWER);
	guest_expect(guest_run_a32(device) >> ESR_EC_SHIFT == EC_DATA_ABORT_LOWER);
}

/* Where RAM comes in blocks, this splits one. */
static void use_pages(void)
{
	uint64_t page = GUEST_RAM_BASE + GUEST_RAM_SIZE / 2;
	uint64_t next = page + PAGE_SIZE;
	guest_store(page, 1);
	guest_store(next, 2);
	guest_expect(guest_protects(page));
	guest_expect(guest_call(HYPERCALL_RELEASE, page, 0) == 0);
	guest_expect(guest_load(page) == 0);
	guest_expect(guest_load(next) == 2);
	guest_expect(guest_call(HYPERCALL_RELEASE, page + GUEST_RAM_SIZE, 0) != 0);
	guest_expect(guest_call(HYPERCALL_PROTECT, page + (UINT64_C(1) << 39), 0) != 0);
}

void guest_round(uint64_t round)
{
	if (round == 0) {
		use_aarch32();
		use_pages();
		for (uint64_t i = 0; i < ACTIONS; i++) {
			switch (any() % 3) {
			case 0:
				call();
				break;
			case 1:
				use_sysreg();
				break;
			default:
				access_memory();
				break;
			}
		}
		/* Its interrupt controller is in no state to wait for the next round. */
		guest_finish();
	}
}

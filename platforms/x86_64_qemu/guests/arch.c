/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/guests/arch.h"

#include "platforms/reference/guests/abi.h"
#include "platforms/reference/guests/guest.h"
#include "platforms/x86_64_qemu/guests/machine.h"
#include "platforms/x86_64_qemu/guests/resume.h"

#define NS_PER_MS 1000000u
#define STUB_SIZE 16u
#define CODE 0x08u
#define GATE_INTERRUPT 0x8eu
#define VECTORS 256u

#define VECTOR_BREAKPOINT 3u
#define VECTOR_UNDEFINED 6u
#define VECTOR_PROTECTION 13u

#define LEAF_FEATURES 1u
#define FEATURES_X2APIC (1u << 21)
#define FEATURES_HYPERVISOR (1u << 31)
#define LEAF_HYPERVISOR_TIMING 0x40000010u
#define LEAF_EXTENDED_FEATURES 0x80000001u
#define EXTENDED_SVM (1u << 2)

#define MSR_TSC_DEADLINE 0x6e0u
#define MSR_APIC_ID 0x802u
#define MSR_APIC_EOI 0x80bu
#define MSR_APIC_SPURIOUS 0x80fu
#define MSR_APIC_TIMER 0x832u
#define MSR_NONE 0xc0011fffu
#define APIC_ENABLED 0x1ffu
#define TIMER_TSC_DEADLINE (2u << 17)

/* Permissions of HYPERCALL_PROTECT. */
#define PERMIT_READ 1u
#define PERMIT_ALL 7u

struct gate {
	uint16_t offset0, selector;
	uint8_t ist, type;
	uint16_t offset1;
	uint32_t offset2, reserved;
};

const struct guest_machine guest_machine = {
	.device_base = GUEST_DEVICE_BASE,
	.ram_end = GUEST_RAM_BASE + GUEST_RAM_SIZE,
};

extern const uint8_t guest_stubs[];

static struct gate idt[VECTORS];
static uint32_t tsc_khz;
volatile uint64_t guest_resume;
static volatile uint64_t exceptions_seen;
static volatile uint64_t last_vector;
static volatile uint64_t last_pc;
static volatile uint64_t timer_fired;

void guest_on_event(uint64_t vector, uint64_t *pc);

static void cpuid(uint32_t leaf, uint32_t *a, uint32_t *c)
{
	uint32_t b, d;
	__asm__ __volatile__("cpuid" : "=a"(*a), "=b"(b), "=c"(*c), "=d"(d) : "a"(leaf), "c"(0));
}

static uint64_t read_msr(uint32_t msr)
{
	uint32_t low, high;
	__asm__ __volatile__("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static void write_msr(uint32_t msr, uint64_t value)
{
	__asm__ __volatile__("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
		: "memory");
}

uint64_t guest_call(uint64_t function, uint64_t arg0, uint64_t arg1)
{
	uint64_t result;
	__asm__ __volatile__("vmmcall"
		: "=a"(result)
		: "a"(function), "D"(arg0), "S"(arg1)
		: "memory");
	return result;
}

uint64_t guest_load(uint64_t address)
{
	uint64_t value;
	__asm__ __volatile__("movq (%1), %0" : "=r"(value) : "r"(address) : "memory");
	return value;
}

void guest_store(uint64_t address, uint64_t value)
{
	__asm__ __volatile__("movq %0, (%1)" ::"r"(value), "r"(address) : "memory");
}

uint64_t guest_clock(void)
{
	uint32_t low, high;
	__asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

uint64_t guest_clock_counts(uint64_t ns)
{
	return ns * tsc_khz / NS_PER_MS;
}

/* INT3 and INT n have the address of the next instruction as that of the event. */
void guest_on_event(uint64_t vector, uint64_t *pc)
{
	if (vector == GUEST_VECTOR_TIMER) {
		timer_fired = 1;
		write_msr(MSR_APIC_EOI, 0);
		return;
	}
	if (guest_resume == 0 && vector != VECTOR_BREAKPOINT && vector != GUEST_VECTOR_SOFTWARE) {
		guest_give_up();
	}
	exceptions_seen++;
	last_vector = vector;
	last_pc = *pc;
	if (guest_resume != 0) {
		*pc = guest_resume;
		guest_resume = 0;
	}
}

void guest_arch_init(void)
{
	uint32_t unused;
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = {sizeof(idt) - 1, (uint64_t)idt};
	for (uint32_t i = 0; i < VECTORS; i++) {
		uint64_t stub = (uint64_t)guest_stubs + i * STUB_SIZE;
		idt[i] = (struct gate){(uint16_t)stub, CODE, 0, GATE_INTERRUPT,
			(uint16_t)(stub >> 16), (uint32_t)(stub >> 32), 0};
	}
	__asm__ __volatile__("lidt %0" ::"m"(pointer) : "memory");
	write_msr(MSR_APIC_SPURIOUS, APIC_ENABLED);
	write_msr(MSR_APIC_TIMER, TIMER_TSC_DEADLINE | GUEST_VECTOR_TIMER);
	cpuid(LEAF_HYPERVISOR_TIMING, &tsc_khz, &unused);
}

void guest_sleep_until(uint64_t deadline)
{
	timer_fired = 0;
	write_msr(MSR_TSC_DEADLINE, deadline);
	/* STI works after HLT, so the only interrupt cannot come just before it. */
	while (!timer_fired) {
		__asm__ __volatile__("sti\n\thlt\n\tcli" ::: "memory");
	}
}

/* Execute @insn, which must raise @vector at itself. */
#define RAISES(vector, insn, ...)                                                                  \
	({                                                                                         \
		uint64_t before_ = exceptions_seen;                                                \
		uint64_t at_;                                                                      \
		__asm__ __volatile__("leaq 2f(%%rip), %0\n\tmovq %0, %1\n\tleaq 1f(%%rip), %0\n"   \
				     "1:\t" insn "\n2:"                                            \
			: "=&r"(at_), "=m"(guest_resume)                                           \
			: __VA_ARGS__                                                              \
			: "memory", "rax", "rdx");                                                 \
		exceptions_seen == before_ + 1 && last_vector == (vector) && last_pc == at_;       \
	})

/* Execute @insn, whose event must say the instruction after it. */
#define TRAPS(vector, insn)                                                                        \
	({                                                                                         \
		uint64_t before_ = exceptions_seen;                                                \
		uint64_t at_;                                                                      \
		__asm__ __volatile__("leaq 1f(%%rip), %0\n\t" insn "\n1:" : "=&r"(at_)::"memory"); \
		exceptions_seen == before_ + 1 && last_vector == (vector) && last_pc == at_;       \
	})

bool guest_calls_firmware(void)
{
	bool breakpoint = TRAPS(VECTOR_BREAKPOINT, "int3");
	bool software = TRAPS(GUEST_VECTOR_SOFTWARE, "int $0x80");
	return breakpoint && software;
}

bool guest_identifies_cpu(void)
{
	uint32_t a, features, extended;
	cpuid(LEAF_FEATURES, &a, &features);
	cpuid(LEAF_EXTENDED_FEATURES, &a, &extended);
	return (features & FEATURES_X2APIC) != 0 && (features & FEATURES_HYPERVISOR) != 0 &&
	       (extended & EXTENDED_SVM) == 0 && read_msr(MSR_APIC_ID) == 0;
}

bool guest_is_refused(void)
{
	bool msr = RAISES(VECTOR_PROTECTION, "rdmsr", "c"(MSR_NONE));
	bool insn = RAISES(VECTOR_UNDEFINED, "stgi", "c"(0));
	bool mwait = RAISES(VECTOR_UNDEFINED, "mwait", "c"(0));
	return msr && insn && mwait;
}

bool guest_strays(void)
{
	uint8_t byte;
	uint16_t port_value;
	guest_store(GUEST_HOLE_BASE, 1);
	__asm__ __volatile__("movb (%1), %0" : "=r"(byte) : "r"((uint64_t)GUEST_HOLE_BASE));
	__asm__ __volatile__("inw $0x80, %0" : "=a"(port_value));
	bool undecodable =
		RAISES(VECTOR_PROTECTION, "lock incl (%2)", "r"((uint64_t)GUEST_HOLE_BASE));
	return guest_load(GUEST_HOLE_BASE) == UINT64_MAX && byte == 0xff && port_value == 0xffff &&
	       undecodable;
}

bool guest_protects(uint64_t page)
{
	uint64_t value = guest_load(page);
	bool done = guest_call(HYPERCALL_PROTECT, page, PERMIT_READ) == 0;
	bool write = RAISES(VECTOR_PROTECTION, "movq $1, (%2)", "r"(page));
	done = done && guest_load(page) == value;
	done = done && guest_call(HYPERCALL_PROTECT, page, PERMIT_ALL) == 0;
	guest_store(page, value + 1);
	return done && write && guest_load(page) == value + 1;
}

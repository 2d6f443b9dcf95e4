/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/guests/guest.h"

#include "platforms/aarch64_qemu/guests/abi.h"

#define PAGE_SIZE 4096u
#define NS_PER_S UINT64_C(1000000000)
#define TIMER_ENABLE 1u
#define TIMER_MASKED 2u
#define DAIF_IRQ 2
#define ESR_EC_SHIFT 26
#define EC_UNKNOWN 0x00u
#define EC_DATA_ABORT_SAME 0x25u
#define PSCI_VERSION 0x84000000u
#define PSCI_VERSION_1_1 0x10001u

#define READ(name)                                                                                 \
	({                                                                                         \
		uint64_t value_;                                                                   \
		__asm__ __volatile__("mrs %0, " #name : "=r"(value_)::"memory");                   \
		value_;                                                                            \
	})
#define WRITE(name, value)                                                                         \
	__asm__ __volatile__("msr " #name ", %0\n\tisb" ::"r"((uint64_t)(value)) : "memory")

extern uint8_t guest_free_pages[];

static uint64_t vm_id;
static uint64_t errors;
static uint64_t next_page;
static uint64_t device_accesses;
static volatile uint64_t exceptions_seen; /* written by the handlers */
static volatile uint64_t exception_class;
static volatile uint64_t timer_fired;

void guest_run(uint64_t id, uint64_t rounds, uint64_t period_ns);
void guest_on_exception(void);
void guest_on_interrupt(void);
void guest_on_unexpected(void);

static void expect(int as_expected)
{
	errors += as_expected ? 0 : 1;
}

static uint64_t call_hvc(uint64_t function, uint64_t arg0, uint64_t arg1)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = arg0;
	register uint64_t x2 __asm__("x2") = arg1;
	__asm__ __volatile__("hvc #0" : "+r"(x0) : "r"(x1), "r"(x2) : "memory", "x3");
	return x0;
}

static uint64_t call_smc(uint64_t function)
{
	register uint64_t x0 __asm__("x0") = function;
	__asm__ __volatile__("smc #0" : "+r"(x0)::"memory", "x1", "x2", "x3");
	return x0;
}

static uint64_t load64(uint64_t address)
{
	uint64_t value;
	__asm__ __volatile__("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static void store64(uint64_t address, uint64_t value)
{
	__asm__ __volatile__("str %0, [%1]" ::"r"(value), "r"(address) : "memory");
}

void guest_hypercalls(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		expect(call_hvc(HYPERCALL_ADD, i, 1000) == i + 1000);
	}
}

void guest_device_writes(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		store64(GUEST_DEVICE_BASE + DEVICE_SCRATCH, i << 32 | i);
	}
	device_accesses += count;
	expect(load64(GUEST_DEVICE_BASE + DEVICE_SCRATCH) == ((count - 1) << 32 | (count - 1)));
	device_accesses++;
}

void guest_device_reads(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		expect(load64(GUEST_DEVICE_BASE + DEVICE_ID) == (DEVICE_ID_MAGIC | vm_id));
	}
	device_accesses += count;
	expect(load64(GUEST_DEVICE_BASE + DEVICE_ACCESSES) == device_accesses);
	device_accesses++;
}

void guest_touch_pages(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t address = (uint64_t)guest_free_pages + next_page * PAGE_SIZE;
		if (address >= GUEST_RAM_BASE + GUEST_RAM_SIZE) {
			return;
		}
		next_page++;
		expect(load64(address) == 0);
		store64(address, address);
		expect(load64(address) == address);
	}
}

void guest_psci_version(void)
{
	expect(call_smc(PSCI_VERSION) == PSCI_VERSION_1_1);
}

void guest_read_id_register(void)
{
	/* EL1 in AArch64 at least. */
	expect((READ(id_aa64pfr0_el1) >> 4 & 0xf) != 0);
}

void guest_undefined_access(void)
{
	uint64_t before = exceptions_seen;
	(void)READ(mdscr_el1);
	expect(exceptions_seen == before + 1 && exception_class == EC_UNKNOWN);
}

void guest_stray_access(void)
{
	uint64_t before = exceptions_seen;
	(void)load64(GUEST_HOLE_BASE);
	expect(exceptions_seen == before + 1 && exception_class == EC_DATA_ABORT_SAME);
}

void guest_on_exception(void)
{
	exceptions_seen++;
	exception_class = READ(esr_el1) >> ESR_EC_SHIFT;
	WRITE(elr_el1, READ(elr_el1) + 4);
}

void guest_on_interrupt(void)
{
	uint64_t irq = READ(icc_iar1_el1);
	expect(irq == GUEST_IRQ_TIMER);
	WRITE(cntv_ctl_el0, TIMER_ENABLE | TIMER_MASKED);
	timer_fired = 1;
	WRITE(icc_eoir1_el1, irq);
}

void guest_on_unexpected(void)
{
	call_hvc(HYPERCALL_STOP, UINT64_MAX, 0);
}

static void interrupts_init(void)
{
	WRITE(icc_sre_el1, 7);
	WRITE(icc_pmr_el1, 0xff);
	WRITE(icc_igrpen1_el1, 1);
}

/* Sleep until the virtual counter is @deadline. */
static void sleep_until(uint64_t deadline)
{
	timer_fired = 0;
	WRITE(cntv_cval_el0, deadline);
	WRITE(cntv_ctl_el0, TIMER_ENABLE);
	/* Interrupts stay masked between the test and WFI, which wakes all the same: otherwise the
	 * only interrupt could come just before WFI. */
	while (!timer_fired) {
		__asm__ __volatile__(
			"wfi\n\tmsr daifclr, %0\n\tisb\n\tmsr daifset, %0" ::"i"(DAIF_IRQ)
			: "memory");
	}
}

void guest_run(uint64_t id, uint64_t rounds, uint64_t period_ns)
{
	vm_id = id;
	interrupts_init();
	uint64_t period = READ(cntfrq_el0) * period_ns / NS_PER_S;
	uint64_t start = READ(cntvct_el0);
	for (uint64_t round = 0; round < rounds; round++) {
		guest_round(round);
		sleep_until(start + (round + 1) * period);
	}
	call_hvc(HYPERCALL_STOP, errors, 0);
}

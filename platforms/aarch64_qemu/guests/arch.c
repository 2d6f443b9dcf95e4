/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/guests/arch.h"

#include "platforms/aarch64_qemu/guests/abi.h"
#include "platforms/reference/guests/guest.h"

#define NS_PER_S UINT64_C(1000000000)
#define TIMER_ENABLE 1u
#define TIMER_MASKED 2u
#define DAIF_IRQ 2
#define ESR_EC_SHIFT 26
#define EC_UNKNOWN 0x00u
#define EC_DATA_ABORT_SAME 0x25u
#define GICD_CTLR_ENABLE_GROUP1 2u
#define PERMIT_READ 1u
#define PERMIT_ALL 7u
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

const struct guest_machine guest_machine = {
	.device_base = GUEST_DEVICE_BASE,
	.ram_end = GUEST_RAM_BASE + GUEST_RAM_SIZE,
};

static volatile uint64_t exceptions_seen; /* written by the handlers */
static volatile uint64_t exception_class;
static volatile uint64_t timer_fired;

void guest_on_exception(void);
void guest_on_interrupt(void);
void guest_on_unexpected(void);

uint64_t guest_call(uint64_t function, uint64_t arg0, uint64_t arg1)
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
	register uint64_t x1 __asm__("x1") = 0;
	register uint64_t x2 __asm__("x2") = 0;
	__asm__ __volatile__("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2)::"memory", "x3");
	return x0;
}

uint64_t guest_load(uint64_t address)
{
	uint64_t value;
	__asm__ __volatile__("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

void guest_store(uint64_t address, uint64_t value)
{
	__asm__ __volatile__("str %0, [%1]" ::"r"(value), "r"(address) : "memory");
}

static void store32(uint64_t address, uint32_t value)
{
	__asm__ __volatile__("str %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}

bool guest_calls_firmware(void)
{
	return call_smc(PSCI_VERSION) == PSCI_VERSION_1_1;
}

bool guest_identifies_cpu(void)
{
	/* EL1 in AArch64 at least. */
	return (READ(id_aa64pfr0_el1) >> 4 & 0xf) != 0;
}

bool guest_is_refused(void)
{
	uint64_t before = exceptions_seen;
	(void)READ(pmcr_el0);
	return exceptions_seen == before + 1 && exception_class == EC_UNKNOWN;
}

bool guest_strays(void)
{
	uint64_t before = exceptions_seen;
	(void)guest_load(GUEST_HOLE_BASE);
	return exceptions_seen == before + 1 && exception_class == EC_DATA_ABORT_SAME;
}

bool guest_protects(uint64_t page)
{
	uint64_t before = exceptions_seen;
	uint64_t value = guest_load(page);
	bool done = guest_call(HYPERCALL_PROTECT, page, PERMIT_READ) == 0;
	guest_store(page, value + 1);
	done = done && exceptions_seen == before + 1 && exception_class == EC_DATA_ABORT_SAME;
	done = done && guest_load(page) == value;
	done = done && guest_call(HYPERCALL_PROTECT, page, PERMIT_ALL) == 0;
	guest_store(page, value + 1);
	return done && guest_load(page) == value + 1;
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
	guest_expect(irq == GUEST_IRQ_TIMER);
	WRITE(cntv_ctl_el0, TIMER_ENABLE | TIMER_MASKED);
	timer_fired = 1;
	WRITE(icc_eoir1_el1, irq);
}

void guest_on_unexpected(void)
{
	guest_give_up();
}

void guest_arch_init(void)
{
	store32(GUEST_GICD_CTLR, GICD_CTLR_ENABLE_GROUP1);
	store32(GUEST_GICR_WAKER, 0);
	store32(GUEST_GICR_ISENABLER0, 1u << GUEST_IRQ_TIMER);
	WRITE(icc_sre_el1, 7);
	WRITE(icc_pmr_el1, 0xff);
	WRITE(icc_igrpen1_el1, 1);
}

uint64_t guest_clock(void)
{
	return READ(cntvct_el0);
}

uint64_t guest_clock_counts(uint64_t ns)
{
	return READ(cntfrq_el0) * ns / NS_PER_S;
}

void guest_sleep_until(uint64_t deadline)
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

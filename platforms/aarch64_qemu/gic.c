/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/gic.h"

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/mmio.h"
#include "platforms/aarch64_qemu/sysreg.h"

/* Distributor and redistributor registers: IHI 0069G sections 12.9 and 12.11. */
#define GICD_CTLR (BOARD_GICD_BASE + 0x0)
#define GICD_CTLR_ENABLE_GROUP1 (1u << 1)
#define GICD_CTLR_AFFINITY_ROUTING (1u << 4)
#define GICD_CTLR_WRITE_PENDING (1u << 31)
#define GICR_WAKER 0x14
#define GICR_WAKER_PROCESSOR_SLEEP (1u << 1)
#define GICR_WAKER_CHILDREN_ASLEEP (1u << 2)
#define GICR_SGI 0x10000
#define GICR_IGROUPR0 (GICR_SGI + 0x80)
#define GICR_ISENABLER0 (GICR_SGI + 0x100)
#define GICR_IPRIORITYR (GICR_SGI + 0x400)

/* CPU interface registers: section 12.2. */
#define ICC_SRE_ALL 0xfu
#define ICC_CTLR_EOIMODE (1u << 1)
#define ICC_PMR_ALL 0xffu
#define IRQ_FIRST_SPECIAL 1020u

/* Virtual interface: section 12.4. */
#define ICH_HCR_ENABLE 1u
#define ICH_VTR_LIST_REGS 0x1fu
#define ICH_LR_PENDING (UINT64_C(1) << 62)
#define ICH_LR_HARDWARE (UINT64_C(1) << 61)
#define ICH_LR_GROUP1 (UINT64_C(1) << 60)
#define ICH_LR_PRIORITY_SHIFT 48
#define ICH_LR_PHYSICAL_SHIFT 32
/* More are never needed: one interrupt source of a guest, that stays active until its end. */
#define LIST_REGS_USED 4u

void gic_init(void)
{
	mmio_write32(GICD_CTLR, GICD_CTLR_AFFINITY_ROUTING);
	while ((mmio_read32(GICD_CTLR) & GICD_CTLR_WRITE_PENDING) != 0) {
	}
	mmio_write32(GICD_CTLR, GICD_CTLR_AFFINITY_ROUTING | GICD_CTLR_ENABLE_GROUP1);
}

static void redistributor_init(uint64_t base)
{
	const uint32_t timers = 1u << BOARD_IRQ_EL2_TIMER | 1u << BOARD_IRQ_VIRTUAL_TIMER;
	mmio_write32(
		base + GICR_WAKER, mmio_read32(base + GICR_WAKER) & ~GICR_WAKER_PROCESSOR_SLEEP);
	while ((mmio_read32(base + GICR_WAKER) & GICR_WAKER_CHILDREN_ASLEEP) != 0) {
	}
	mmio_write32(base + GICR_IGROUPR0, UINT32_MAX);
	for (uint32_t i = 0; i < 32; i += 4) {
		mmio_write32(base + GICR_IPRIORITYR + i, 0xa0a0a0a0u);
	}
	mmio_write32(base + GICR_ISENABLER0, timers);
}

void gic_cpu_init(uint32_t id)
{
	redistributor_init(BOARD_GICR_BASE + (uint64_t)id * BOARD_GICR_STRIDE);
	write_icc_sre_el2(ICC_SRE_ALL);
	isb();
	write_icc_pmr_el1(ICC_PMR_ALL);
	write_icc_ctlr_el1(ICC_CTLR_EOIMODE);
	write_icc_igrpen1_el1(1);
	write_ich_vmcr_el2(0);
	write_ich_hcr_el2(ICH_HCR_ENABLE);
	isb();
}

bool gic_ack(uint32_t *irq)
{
	uint32_t id = (uint32_t)read_icc_iar1_el1();
	if (id >= IRQ_FIRST_SPECIAL) {
		return false;
	}
	*irq = id;
	return true;
}

void gic_drop(uint32_t irq)
{
	write_icc_eoir1_el1(irq);
	isb();
}

void gic_deactivate(uint32_t irq)
{
	write_icc_dir_el1(irq);
	isb();
}

static void list_register_write(uint32_t index, uint64_t value)
{
	switch (index) {
	case 0:
		write_ich_lr0_el2(value);
		break;
	case 1:
		write_ich_lr1_el2(value);
		break;
	case 2:
		write_ich_lr2_el2(value);
		break;
	default:
		write_ich_lr3_el2(value);
		break;
	}
}

static uint32_t list_register_count(void)
{
	uint32_t count = (uint32_t)(read_ich_vtr_el2() & ICH_VTR_LIST_REGS) + 1;
	return count < LIST_REGS_USED ? count : LIST_REGS_USED;
}

bool gic_inject(uint32_t irq)
{
	uint64_t free = read_ich_elrsr_el2() & ((UINT64_C(1) << list_register_count()) - 1);
	if (free == 0) {
		return false;
	}
	list_register_write((uint32_t)__builtin_ctzll(free),
		ICH_LR_PENDING | ICH_LR_HARDWARE | ICH_LR_GROUP1 |
			(uint64_t)GIC_VIRQ_PRIORITY << ICH_LR_PRIORITY_SHIFT |
			(uint64_t)irq << ICH_LR_PHYSICAL_SHIFT | irq);
	isb();
	return true;
}

bool gic_guest_has_work(void)
{
	uint64_t all = (UINT64_C(1) << list_register_count()) - 1;
	return (read_ich_elrsr_el2() & all) != all;
}

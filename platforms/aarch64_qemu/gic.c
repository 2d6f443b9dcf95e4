/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/gic.h"

#include <stddef.h>

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/mmio.h"
#include "platforms/reference/aarch64/sysreg.h"
#include "platforms/reference/devices/vgic.h"

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
#define ICH_HCR_UNDERFLOW (1u << 1)
#define ICC_SGI1R_ID_SHIFT 24

void gic_init(void)
{
	mmio_write32(GICD_CTLR, GICD_CTLR_AFFINITY_ROUTING);
	while ((mmio_read32(GICD_CTLR) & GICD_CTLR_WRITE_PENDING) != 0) {
	}
	mmio_write32(GICD_CTLR, GICD_CTLR_AFFINITY_ROUTING | GICD_CTLR_ENABLE_GROUP1);
}

static void redistributor_init(uint64_t base)
{
	const uint32_t used = 1u << GIC_IRQ_KICK | 1u << GIC_IRQ_TEXT |
			      1u << BOARD_IRQ_MAINTENANCE | 1u << BOARD_IRQ_EL2_TIMER |
			      VGIC_HARDWARE;
	mmio_write32(
		base + GICR_WAKER, mmio_read32(base + GICR_WAKER) & ~GICR_WAKER_PROCESSOR_SLEEP);
	while ((mmio_read32(base + GICR_WAKER) & GICR_WAKER_CHILDREN_ASLEEP) != 0) {
	}
	mmio_write32(base + GICR_IGROUPR0, UINT32_MAX);
	for (uint32_t i = 0; i < 32; i += 4) {
		mmio_write32(base + GICR_IPRIORITYR + i, 0xa0a0a0a0u);
	}
	mmio_write32(base + GICR_ISENABLER0, used);
}

void gic_cpu_init(uint32_t id)
{
	redistributor_init(BOARD_GICR_BASE + (uint64_t)id * BOARD_GICR_STRIDE);
	write_icc_sre_el2(ICC_SRE_ALL);
	isb();
	write_icc_pmr_el1(ICC_PMR_ALL);
	write_icc_ctlr_el1(ICC_CTLR_EOIMODE);
	write_icc_igrpen1_el1(1);
	gic_guest_reset();
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

static void send(uint32_t irq, uint32_t cpu)
{
	dsb_ish();
	/* Affinity 0 is the index of the CPU. */
	write_icc_sgi1r_el1((uint64_t)irq << ICC_SGI1R_ID_SHIFT | 1u << cpu);
	isb();
}

void gic_kick(uint32_t cpu)
{
	send(GIC_IRQ_KICK, cpu);
}

void gic_kick_for_text(uint32_t cpu)
{
	send(GIC_IRQ_TEXT, cpu);
}

void gic_guest_reset(void)
{
	write_ich_hcr_el2(0);
	write_ich_vmcr_el2(0);
	write_ich_ap0r0_el2(0);
	write_ich_ap1r0_el2(0);
	gic_lists_write(NULL, 0, false);
}

void gic_lists_write(const uint64_t *list, uint32_t count, bool more)
{
	write_ich_lr0_el2(count > 0 ? list[0] : 0);
	write_ich_lr1_el2(count > 1 ? list[1] : 0);
	write_ich_lr2_el2(count > 2 ? list[2] : 0);
	write_ich_lr3_el2(count > 3 ? list[3] : 0);
	write_ich_hcr_el2(ICH_HCR_ENABLE | (more ? ICH_HCR_UNDERFLOW : 0));
	isb();
}

void gic_lists_read(uint64_t *list, uint32_t count)
{
	/* Also ends the maintenance interrupt, which is a level. */
	write_ich_hcr_el2(0);
	isb();
	for (uint32_t i = 0; i < count; i++) {
		switch (i) {
		case 0:
			list[i] = read_ich_lr0_el2();
			break;
		case 1:
			list[i] = read_ich_lr1_el2();
			break;
		case 2:
			list[i] = read_ich_lr2_el2();
			break;
		default:
			list[i] = read_ich_lr3_el2();
			break;
		}
	}
}

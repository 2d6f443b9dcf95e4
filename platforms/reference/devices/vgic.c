/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/devices/vgic.h"

#include <stddef.h>

#include "runtime/base/mem.h"

/* Distributor. */
#define GICD_CTLR 0x0000u
#define GICD_TYPER 0x0004u
#define GICD_IROUTER 0x6000u
#define GICD_IROUTER_END 0x8000u
/* Redistributor, first frame; the second begins at GICR_SGI. */
#define GICR_TYPER 0x0008u
#define GICR_WAKER 0x0014u
#define GICR_SGI 0x10000u
/* Both: a bank of 32 interrupts per word. */
#define BANK_GROUP 0x080u
#define BANK_BITS 0x100u
#define BANK_PRIORITY 0x400u
#define BANK_PRIORITY_END 0x800u
#define BANK_CONFIG 0xc00u
#define BANK_CONFIG_END 0xd00u
#define PIDR2 0xffe8u

#define CTLR_ENABLE_GROUP1 (1u << 1)
#define CTLR_AFFINITY_ROUTING (1u << 4)
#define CTLR_ONE_SECURITY_STATE (1u << 6)
/* 64 interrupts, ids of 10 bits. */
#define TYPER_VALUE (9u << 19 | 1u)
#define TYPER_LAST (1u << 4)
#define TYPER_NUMBER_SHIFT 8
#define WAKER_PROCESSOR_SLEEP (1u << 1)
#define WAKER_CHILDREN_ASLEEP (1u << 2)
#define PIDR2_GICV3 0x3bu
/* Two bits per interrupt: 2 = edge. SGIs always are. */
#define CONFIG_EDGE 2u
#define SGI_MASK 0xffffu

#define ROUTE_MASK UINT64_C(0xff80ffffff)
#define ROUTE_ANY (1u << 31)

#define SGI1R_TARGETS 0xffffu
#define SGI1R_ID(value) ((uint32_t)((value) >> 24) & 0xfu)
#define SGI1R_OTHERS (UINT64_C(1) << 40)
/* Affinities 1 to 3 and the range selector: all 0 here. */
#define SGI1R_AFFINITIES UINT64_C(0x00fff0ff00ff0000)

#define LR_PENDING (UINT64_C(1) << 62)
#define LR_ACTIVE (UINT64_C(1) << 63)
#define LR_HARDWARE (UINT64_C(1) << 61)
#define LR_GROUP1 (UINT64_C(1) << 60)
#define LR_PRIORITY_SHIFT 48
#define LR_PHYSICAL_SHIFT 32
#define LR_EOI (UINT64_C(1) << 41) /* a maintenance interrupt when it ends */

void vgic_init(struct vgic *vgic, uint32_t vcpu_count)
{
	*vgic = (struct vgic){.vcpu_count = vcpu_count};
	for (uint32_t i = 0; i < vcpu_count; i++) {
		vgic->own[i].edge = SGI_MASK;
	}
}

static uint32_t candidates(const struct vgic_bank *bank)
{
	uint32_t pending = bank->pending | (bank->line & ~bank->edge);
	return pending & bank->enabled & ~bank->active & ~bank->listed;
}

/* The vCPU that SPI @i goes to; one that does not exist never takes it. */
static uint32_t target_of(const struct vgic *vgic, uint32_t i)
{
	uint64_t route = vgic->route[i];
	return (route & ROUTE_ANY) != 0
		       ? 0
		       : (uint32_t)(route & 0xff) | (uint32_t)(route >> 8 != 0) << 8;
}

/* Of the SPIs in @bits, those that go to @vcpu. */
static uint32_t routed(const struct vgic *vgic, uint32_t bits, uint32_t vcpu)
{
	uint32_t found = 0;
	for (; bits != 0; bits &= bits - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(bits);
		found |= target_of(vgic, i) == vcpu ? 1u << i : 0;
	}
	return found;
}

uint32_t vgic_wanting(const struct vgic *vgic)
{
	uint32_t wanting = 0;
	for (uint32_t i = 0; vgic->on && i < vgic->vcpu_count; i++) {
		if ((candidates(&vgic->own[i]) | routed(vgic, candidates(&vgic->shared), i)) != 0) {
			wanting |= 1u << i;
		}
	}
	return wanting;
}

static struct vgic_bank *bank_of(struct vgic *vgic, uint32_t vcpu, uint32_t irq)
{
	return irq < VGIC_BANK ? &vgic->own[vcpu] : &vgic->shared;
}

void vgic_set_line(struct vgic *vgic, uint32_t vcpu, uint32_t irq, bool level)
{
	struct vgic_bank *bank = bank_of(vgic, vcpu, irq);
	uint32_t bit = 1u << irq % VGIC_BANK;
	if (level) {
		bank->pending |= bit & bank->edge & ~bank->line;
		bank->line |= bit;
	} else {
		bank->line &= ~bit;
	}
}

void vgic_send_sgi(struct vgic *vgic, uint32_t vcpu, uint64_t value)
{
	uint32_t targets = (value & SGI1R_AFFINITIES) == 0 ? value & SGI1R_TARGETS : 0;
	if ((value & SGI1R_OTHERS) != 0) {
		targets = ~(1u << vcpu);
	}
	for (uint32_t i = 0; i < vgic->vcpu_count; i++) {
		if ((targets & 1u << i) != 0) {
			vgic->own[i].pending |= 1u << SGI1R_ID(value);
		}
	}
}

/* List registers. */

static uint64_t list_value(const struct vgic_bank *bank, uint32_t irq, uint64_t state)
{
	uint32_t i = irq % VGIC_BANK;
	uint32_t bit = 1u << i;
	uint64_t value = state | LR_GROUP1 | (uint64_t)bank->priority[i] << LR_PRIORITY_SHIFT | irq;
	if (irq < VGIC_BANK && (bit & VGIC_HARDWARE) != 0) {
		return value | LR_HARDWARE | (uint64_t)irq << LR_PHYSICAL_SHIFT;
	}
	/* Its level may still be high at its end, or it may have come again. */
	bool again = (bank->edge & bit) == 0 || (bank->pending & bit) != 0;
	return again ? value | LR_EOI : value;
}

static uint64_t list_active(struct vgic_bank *bank, uint32_t irq)
{
	bank->listed |= 1u << irq % VGIC_BANK;
	return list_value(bank, irq, LR_ACTIVE);
}

static uint64_t list_pending(struct vgic_bank *bank, uint32_t irq)
{
	uint32_t bit = 1u << irq % VGIC_BANK;
	bank->pending &= ~(bit & bank->edge);
	bank->listed |= bit;
	return list_value(bank, irq, LR_PENDING);
}

/* The most urgent of the interrupts in @bits, at least one, that begin at @first. */
static uint32_t most_urgent(const struct vgic_bank *bank, uint32_t bits)
{
	uint32_t best = (uint32_t)__builtin_ctz(bits);
	for (bits &= bits - 1; bits != 0; bits &= bits - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(bits);
		if (bank->priority[i] < bank->priority[best]) {
			best = i;
		}
	}
	return best;
}

/* The number of the most urgent interrupt of both banks, not both empty. */
static uint32_t choose(const struct vgic *vgic, uint32_t vcpu, uint32_t mine, uint32_t shareds)
{
	const struct vgic_bank *own = &vgic->own[vcpu];
	uint32_t p = mine != 0 ? most_urgent(own, mine) : 0;
	uint32_t s = shareds != 0 ? most_urgent(&vgic->shared, shareds) : 0;
	bool take_own = shareds == 0 || (mine != 0 && own->priority[p] <= vgic->shared.priority[s]);
	return take_own ? p : VGIC_BANK + s;
}

static uint32_t owned(const struct vgic *vgic, uint32_t bits, uint32_t vcpu)
{
	uint32_t found = 0;
	for (; bits != 0; bits &= bits - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(bits);
		found |= vgic->owner[i] == vcpu ? 1u << i : 0;
	}
	return found;
}

uint32_t vgic_load(struct vgic *vgic, uint32_t vcpu, uint64_t list[VGIC_LRS], bool *more)
{
	struct vgic_bank *own = &vgic->own[vcpu];
	uint32_t used = 0;
	uint32_t mine = own->active;
	uint32_t shareds = owned(vgic, vgic->shared.active, vcpu);
	for (; (mine | shareds) != 0 && used < VGIC_LRS; used++) {
		uint32_t irq = choose(vgic, vcpu, mine, shareds);
		list[used] = list_active(bank_of(vgic, vcpu, irq), irq);
		*(irq < VGIC_BANK ? &mine : &shareds) &= ~(1u << irq % VGIC_BANK);
	}
	mine = vgic->on ? candidates(own) : 0;
	shareds = vgic->on ? routed(vgic, candidates(&vgic->shared), vcpu) : 0;
	for (; (mine | shareds) != 0 && used < VGIC_LRS; used++) {
		uint32_t irq = choose(vgic, vcpu, mine, shareds);
		list[used] = list_pending(bank_of(vgic, vcpu, irq), irq);
		*(irq < VGIC_BANK ? &mine : &shareds) &= ~(1u << irq % VGIC_BANK);
		if (irq >= VGIC_BANK) {
			vgic->owner[irq - VGIC_BANK] = (uint8_t)vcpu;
		}
	}
	*more = (mine | shareds) != 0;
	return used;
}

void vgic_save(struct vgic *vgic, uint32_t vcpu, const uint64_t list[VGIC_LRS], uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t irq = (uint32_t)list[i];
		struct vgic_bank *bank = bank_of(vgic, vcpu, irq);
		uint32_t bit = 1u << irq % VGIC_BANK;
		bool was_active = (bank->active & bit) != 0;
		bank->listed &= ~bit;
		bank->active =
			(list[i] & LR_ACTIVE) != 0 ? bank->active | bit : bank->active & ~bit;
		if ((list[i] & LR_PENDING) != 0) {
			bank->pending |= bit & bank->edge;
		} else if (!was_active) {
			/* Taken; a level still shows in the line. */
			bank->pending &= ~(bit & ~bank->edge);
		}
		if ((list[i] & (LR_PENDING | LR_ACTIVE)) == 0 && (list[i] & LR_HARDWARE) != 0) {
			/* The physical interrupt ended with it. */
			bank->line &= ~bit;
		}
	}
}

/* Registers. */

static uint32_t config_read(const struct vgic_bank *bank, uint32_t half)
{
	uint32_t value = 0;
	for (uint32_t i = 0; i < 16; i++) {
		value |= (bank->edge >> (16 * half + i) & 1u) * CONFIG_EDGE << 2 * i;
	}
	return value;
}

static void config_write(struct vgic_bank *bank, uint32_t half, uint32_t value)
{
	for (uint32_t i = 0; i < 16; i++) {
		uint32_t bit = 1u << (16 * half + i);
		bank->edge =
			(value >> 2 * i & CONFIG_EDGE) != 0 ? bank->edge | bit : bank->edge & ~bit;
	}
}

/* The bitmap of set and clear registers: enable, pending, active. */
static uint32_t *bitmap_of(struct vgic_bank *bank, uint32_t offset)
{
	uint32_t *const bitmaps[] = {&bank->enabled, &bank->pending, &bank->active};
	return bitmaps[(offset - BANK_BITS) >> 8];
}

/* Which word of its group of registers @offset is: 0 = interrupts 0 .. 31. */
static uint32_t word_of(uint32_t offset)
{
	if (offset < BANK_PRIORITY) {
		return (offset & 0x7f) / 4;
	}
	return offset < BANK_PRIORITY_END ? (offset - BANK_PRIORITY) / 32
					  : (offset - BANK_CONFIG) / 8;
}

static bool is_bank_register(uint32_t offset)
{
	return (offset >= BANK_GROUP && offset < BANK_PRIORITY_END) ||
	       (offset >= BANK_CONFIG && offset < BANK_CONFIG_END);
}

static uint32_t bank_read(struct vgic_bank *bank, uint32_t offset)
{
	if (offset < BANK_BITS) {
		return UINT32_MAX; /* all in group 1 */
	}
	if (offset < BANK_PRIORITY) {
		uint32_t value = *bitmap_of(bank, offset);
		bool is_pending = bitmap_of(bank, offset) == &bank->pending;
		return is_pending ? value | (bank->line & ~bank->edge) : value;
	}
	if (offset >= BANK_CONFIG) {
		return config_read(bank, offset / 4 % 2);
	}
	uint32_t value;
	memcpy(&value, &bank->priority[offset % VGIC_BANK], sizeof(value));
	return value;
}

static void bank_write(struct vgic_bank *bank, uint32_t offset, uint32_t value, bool is_private)
{
	if (offset < BANK_BITS) {
		return;
	}
	if (offset < BANK_PRIORITY) {
		uint32_t *bitmap = bitmap_of(bank, offset);
		*bitmap = (offset & 0x80) == 0 ? *bitmap | value : *bitmap & ~value;
	} else if (offset < BANK_PRIORITY_END) {
		memcpy(&bank->priority[offset % VGIC_BANK], &value, sizeof(value));
	} else if (!is_private) {
		config_write(bank, offset / 4 % 2, value);
	}
}

static uint64_t *route_of(struct vgic *vgic, uint32_t offset)
{
	uint32_t i = (offset - GICD_IROUTER) / 8 - VGIC_BANK;
	return offset >= GICD_IROUTER && i < VGIC_BANK ? &vgic->route[i] : NULL;
}

static uint32_t distributor_read(struct vgic *vgic, uint32_t offset)
{
	const uint64_t *route = route_of(vgic, offset);
	if (is_bank_register(offset)) {
		return word_of(offset) == 1 ? bank_read(&vgic->shared, offset) : 0;
	}
	if (route != NULL) {
		return (uint32_t)(*route >> 8 * (offset & 4));
	}
	switch (offset) {
	case GICD_CTLR:
		return CTLR_ONE_SECURITY_STATE | CTLR_AFFINITY_ROUTING |
		       (vgic->on ? CTLR_ENABLE_GROUP1 : 0);
	case GICD_TYPER:
		return TYPER_VALUE;
	case PIDR2:
		return PIDR2_GICV3;
	default:
		return 0;
	}
}

static void distributor_write(struct vgic *vgic, uint32_t offset, uint32_t value)
{
	uint64_t *route = route_of(vgic, offset);
	if (is_bank_register(offset)) {
		if (word_of(offset) == 1) {
			bank_write(&vgic->shared, offset, value, false);
		}
	} else if (route != NULL) {
		uint32_t shift = 8 * (offset & 4);
		*route &= ~((uint64_t)UINT32_MAX << shift);
		*route |= ((uint64_t)value << shift) & ROUTE_MASK;
	} else if (offset == GICD_CTLR) {
		vgic->on = (value & CTLR_ENABLE_GROUP1) != 0;
	}
}

static uint32_t redistributor_read(struct vgic *vgic, uint32_t vcpu, uint32_t offset)
{
	if (offset >= GICR_SGI) {
		offset -= GICR_SGI;
		bool is_bank = is_bank_register(offset) && word_of(offset) == 0;
		return is_bank ? bank_read(&vgic->own[vcpu], offset) : 0;
	}
	switch (offset) {
	case GICR_TYPER:
		return vcpu << TYPER_NUMBER_SHIFT | (vcpu + 1 == vgic->vcpu_count ? TYPER_LAST : 0);
	case GICR_TYPER + 4:
		return vcpu; /* its affinity */
	case GICR_WAKER:
		return (vgic->awake & 1u << vcpu) != 0
			       ? 0
			       : WAKER_PROCESSOR_SLEEP | WAKER_CHILDREN_ASLEEP;
	case PIDR2:
		return PIDR2_GICV3;
	default:
		return 0;
	}
}

static void redistributor_write(struct vgic *vgic, uint32_t vcpu, uint32_t offset, uint32_t value)
{
	if (offset >= GICR_SGI) {
		offset -= GICR_SGI;
		if (is_bank_register(offset) && word_of(offset) == 0) {
			bank_write(&vgic->own[vcpu], offset, value, true);
		}
	} else if (offset == GICR_WAKER) {
		bool asleep = (value & WAKER_PROCESSOR_SLEEP) != 0;
		vgic->awake = asleep ? vgic->awake & ~(1u << vcpu) : vgic->awake | 1u << vcpu;
	}
}

/* A frame of registers: the distributor, or the redistributor of a vCPU. */
struct frame {
	bool is_distributor;
	uint32_t vcpu;
	uint32_t offset; /* of the access in it */
};

static bool find_frame(const struct vgic *vgic, uint64_t gpa, struct frame *out)
{
	uint64_t offset = gpa - VGIC_GICD_BASE;
	if (offset < VGIC_GICD_SIZE) {
		*out = (struct frame){.is_distributor = true, .offset = (uint32_t)offset};
		return true;
	}
	offset = gpa - VGIC_GICR_BASE;
	*out = (struct frame){.vcpu = (uint32_t)(offset / VGIC_GICR_STRIDE),
		.offset = (uint32_t)(offset % VGIC_GICR_STRIDE)};
	return offset < (uint64_t)vgic->vcpu_count * VGIC_GICR_STRIDE;
}

static uint32_t word_read(struct vgic *vgic, const struct frame *frame, uint32_t offset)
{
	return frame->is_distributor ? distributor_read(vgic, offset)
				     : redistributor_read(vgic, frame->vcpu, offset);
}

static void word_write(
	struct vgic *vgic, const struct frame *frame, uint32_t offset, uint32_t value)
{
	if (frame->is_distributor) {
		distributor_write(vgic, offset, value);
	} else {
		redistributor_write(vgic, frame->vcpu, offset, value);
	}
}

/* IHI 0069G 12.1.3: words everywhere, bytes of priorities, double words where a register is one. */
static bool size_is_supported(const struct frame *frame, uint32_t size)
{
	uint32_t offset = frame->offset;
	bool in_second = !frame->is_distributor && offset >= GICR_SGI;
	switch (size) {
	case 1:
		offset -= in_second ? GICR_SGI : 0;
		return (frame->is_distributor || in_second) && offset >= BANK_PRIORITY &&
		       offset < BANK_PRIORITY_END;
	case 4:
		return offset % 4 == 0;
	case 8:
		return offset % 8 == 0 &&
		       (frame->is_distributor ? offset >= GICD_IROUTER && offset < GICD_IROUTER_END
					      : offset == GICR_TYPER);
	default:
		return false;
	}
}

bool vgic_access(struct vgic *vgic, axb_gpa_t gpa, uint32_t size, bool is_write, uint64_t *value)
{
	struct frame frame;
	if (!find_frame(vgic, gpa.pa, &frame) || !size_is_supported(&frame, size)) {
		return false;
	}
	uint32_t offset = frame.offset & ~3u;
	uint32_t shift = 8 * (frame.offset & 3);
	uint32_t low = word_read(vgic, &frame, offset);
	if (!is_write) {
		uint64_t high = size == 8 ? word_read(vgic, &frame, offset + 4) : 0;
		*value = size == 1 ? low >> shift & 0xff : high << 32 | low;
		return true;
	}
	if (size == 1) {
		low = (low & ~(0xffu << shift)) | (uint32_t)(*value & 0xff) << shift;
		word_write(vgic, &frame, offset, low);
		return true;
	}
	word_write(vgic, &frame, offset, (uint32_t)*value);
	if (size == 8) {
		word_write(vgic, &frame, offset + 4, (uint32_t)(*value >> 32));
	}
	return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * bpf_ringbuf_output, _reserve, _submit, _discard, _query. What a run has reserved stands in its
 * env, so that the engine can check accesses to it and discard what the program forgets.
 */
#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/helpers/helpers.h"
#include "runtime/maps/map.h"

uint64_t axb_helper_ringbuf_output(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	(void)env;
	(void)r5;
	/* Nobody sleeps on the ring: whether to wake up a reader does not matter. */
	if ((r4 & ~(uint64_t)(AXB_BPF_RB_NO_WAKEUP | AXB_BPF_RB_FORCE_WAKEUP)) != 0) {
		return (uint64_t)-AXB_EINVAL;
	}
	if (r3 > UINT32_MAX) {
		return (uint64_t)-AXB_E2BIG;
	}
	return (uint64_t)axb_ringbuf_output((struct axb_map *)r1, (const void *)r2, (uint32_t)r3);
}

uint64_t axb_helper_ringbuf_reserve(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct axb_map *map = (struct axb_map *)r1;
	(void)r4;
	(void)r5;
	if (r3 != 0 || r2 > UINT32_MAX || env->reservation_count >= AXB_RESERVE_MAX) {
		return 0;
	}
	uint8_t *record = (uint8_t *)axb_ringbuf_reserve(map, (uint32_t)r2);
	if (record != NULL) {
		struct axb_reservation held = {map, record, (uint32_t)r2};
		env->reservations[env->reservation_count++] = held;
	}
	return (uintptr_t)record;
}

/** Take @record off the list of what the run holds; NULL when it is not on it. */
static struct axb_map *release(struct axb_env *env, uint64_t record)
{
	for (uint32_t i = 0; i < env->reservation_count; i++) {
		if ((uintptr_t)env->reservations[i].record == record) {
			struct axb_map *map = env->reservations[i].map;
			env->reservations[i] = env->reservations[--env->reservation_count];
			return map;
		}
	}
	return NULL;
}

uint64_t axb_helper_ringbuf_submit(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct axb_map *map = release(env, r1);
	(void)r2;
	(void)r3;
	(void)r4;
	(void)r5;
	if (map != NULL) {
		axb_ringbuf_submit(map, (void *)r1);
	}
	return 0;
}

uint64_t axb_helper_ringbuf_discard(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct axb_map *map = release(env, r1);
	(void)r2;
	(void)r3;
	(void)r4;
	(void)r5;
	if (map != NULL) {
		axb_ringbuf_discard(map, (void *)r1);
	}
	return 0;
}

uint64_t axb_helper_ringbuf_query(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct axb_ringbuf_stats stats;
	(void)env;
	(void)r3;
	(void)r4;
	(void)r5;
	axb_ringbuf_stats((const struct axb_map *)r1, &stats);
	switch (r2) {
	case AXB_BPF_RB_AVAIL_DATA:
		return stats.available_bytes;
	case AXB_BPF_RB_RING_SIZE:
		return stats.ring_bytes;
	case AXB_BPF_RB_CONS_POS:
		return stats.consumer_position;
	case AXB_BPF_RB_PROD_POS:
		return stats.producer_position;
	default:
		return 0;
	}
}

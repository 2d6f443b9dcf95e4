/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * bpf_get_tracepoint_name, bpf_emit_event.
 */
#include "runtime/event/event.h"

#include "codegen/gen/contexts_gen.h" // Generated.
#include "codegen/gen/maps_gen.h"     // Generated.
#include "runtime/base/mem.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/core.h"
#include "runtime/trace/tp_core.h"

/** Name of tracepoint @id; NULL when there is none. The table is in order of ids. */
static const char *tracepoint_name(uint64_t id)
{
	uint32_t low = 0;
	uint32_t high = axb_tp_count;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (axb_tp_defs[mid].id == id) {
			return axb_tp_defs[mid].name;
		}
		if (axb_tp_defs[mid].id < id) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return NULL;
}

uint64_t axb_helper_get_tracepoint_name(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	const char *name = tracepoint_name(r1);
	char *to = (char *)r2;
	(void)env;
	(void)r4;
	(void)r5;
	if (r3 == 0) {
		return (uint64_t)-AXB_EINVAL;
	}
	if (name == NULL) {
		to[0] = '\0';
		return (uint64_t)-AXB_ENOENT;
	}
	(void)axb_strcpy(to, (size_t)r3, name);
	return axb_strnlen(to, (size_t)r3) + 1;
}

/** Is @emit sound? Bytes that mean nothing yet must be 0, so that they can mean something. */
static bool check_emit(const struct axb_emit *emit)
{
	uint8_t reserved = 0;
	for (size_t i = 0; i < sizeof(emit->reserved); i++) {
		reserved |= emit->reserved[i];
	}
	return reserved == 0 && emit->nr_args <= AXB_EVENT_ARG_MAX;
}

static void fill_event(
	struct axb_trace_event *event, const struct axb_env *env, const struct axb_emit *emit)
{
	struct axb_vcpu_context context;
	axb_plat_vcpu_context(&context);
	memset(event, 0, sizeof(*event));
	event->probe_type = AXB_PROBE_TYPE_TRACEPOINT;
	event->event_id = env->tracepoint_id != 0 ? env->tracepoint_id : AXB_EVENT_ID_EMIT;
	event->name_offset = env->name_offset;
	event->nr_args = emit->nr_args;
	event->vm_id = context.vm_id;
	event->vcpu_id = context.vm_id == AXB_VM_HYPERVISOR ? AXB_VCPU_NONE : context.vcpu_id;
	event->duration_ns = emit->duration_ns;
	for (uint32_t i = 0; i < emit->nr_args; i++) {
		event->args[i] = emit->args[i];
	}
}

uint64_t axb_helper_emit_event(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct axb_emit emit;
	struct axb_trace_event event;
	(void)r3;
	(void)r4;
	(void)r5;
	if (r2 != sizeof(emit)) {
		return (uint64_t)-AXB_EINVAL;
	}
	memcpy(&emit, (const void *)r1, sizeof(emit));
	if (!check_emit(&emit)) {
		return (uint64_t)-AXB_EINVAL;
	}
	fill_event(&event, env, &emit);
	switch (axb_event_emit(&event)) {
	case AXB_OK:
		return 0;
	case AXB_ERR_FULL:
		return (uint64_t)-AXB_EAGAIN;
	default:
		return (uint64_t)-AXB_EOPNOTSUPP; /* no pipeline yet */
	}
}

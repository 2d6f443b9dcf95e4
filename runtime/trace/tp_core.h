/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What generated tracepoints (codegen/gen/tracepoints_gen.h) and runtime/trace share: definitions,
 * the switch of each tracepoint, and the way into the runtime when one is hit. Users of tracepoints
 * call the generated axb_trace_*() and runtime/trace/tracepoint.h, never these.
 */
#ifndef AXB_RUNTIME_TRACE_TP_CORE_H_
#define AXB_RUNTIME_TRACE_TP_CORE_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** axb_tp_field.slot of fields that have none: vm_id, vcpu_id and duration_ns in the header. */
#define AXB_TP_SLOT_NONE 0xffu

enum axb_tp_display {
	AXB_TP_DISPLAY_DEC = 0,
	AXB_TP_DISPLAY_HEX,
	AXB_TP_DISPLAY_ENUM,   /**< by enum_name */
	AXB_TP_DISPLAY_STRING, /**< NUL-terminated text */
	AXB_TP_DISPLAY_COUNT_
};

/** A field of a tracepoint, in the order of the spec and of the emitter's parameters. */
struct axb_tp_field {
	const char *name;
	const char *type; /**< "u8" .. "u64", "s8" .. "s64"; "char" for text */
	uint16_t offset;  /**< in the context */
	uint16_t size;    /**< bytes there; text: of the array */
	uint8_t is_signed;
	uint8_t slot;       /**< first slot in axb_trace_event.args, or AXB_TP_SLOT_NONE */
	uint8_t slot_count; /**< text fills several */
	uint8_t display;    /**< enum axb_tp_display */
	const char *(*enum_name)(uint32_t value); /**< AXB_TP_DISPLAY_ENUM; else NULL */
};

struct axb_tp_def {
	uint32_t id;           /**< AXB_TP_ID_*, the event_id of its events */
	const char *name;      /**< "vcpu:exit" */
	const char *subsystem; /**< "vcpu" */
	const char *event;     /**< "exit" */
	const struct axb_tp_field *fields;
	uint16_t field_count;
	uint16_t ctx_size;  /**< multiple of 8; begins with struct axb_tp_ctx_header */
	uint8_t gives_vcpu; /**< the emitter sets vm_id and vcpu_id; else axb_tp_hit() does */
	uint8_t has_duration;
};

/** The switch. Nonzero = the emitter calls axb_tp_hit(). Written by runtime/trace only. */
struct axb_tp_state {
	uint32_t enabled;
};

/* By dense index (enum axb_tp_index), which is the order of ids; axb_tp_count entries. */
extern struct axb_tp_state axb_tp_states[];
extern const struct axb_tp_def axb_tp_defs[];
extern const uint32_t axb_tp_count;

/**
 * A tracepoint that is on was reached. Defined by runtime/trace; called by generated code only.
 *
 * Context: any.
 * @param ctx  def->ctx_size bytes, 8-aligned. In its struct axb_tp_ctx_header (contexts_gen.h) id,
 *   flags and duration_ns are set, with gives_vcpu vm_id and vcpu_id too; the rest is for this
 *   function to set.
 * @param slots  for axb_trace_event.args, unused ones 0; @nr_args of them count.
 * @param duration_ns  as in the header.
 */
void axb_tp_hit(const struct axb_tp_def *def, void *ctx, const uint64_t slots[4], uint8_t nr_args,
	uint64_t duration_ns);

#ifdef __cplusplus
}
#endif

#endif

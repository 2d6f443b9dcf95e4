/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the arguments of a probe's event are, when somebody chose them (probes/fetch): the name of
 * such an event says it, so that it is in the stream wherever the name is.
 *
 *   "do_sys_openat2 dfd:d file:s"
 *
 * Behind the name of the site stands each field with its display: u unsigned, d signed, x hex,
 * c character, s text. A field has one slot; texts share what the others leave of the event's four,
 * the first ones get what does not divide. A field that could not be read has AXB_EVENT_FAULT0 <<
 * its slot in the flags. Pure; any context.
 */
#ifndef AXB_RUNTIME_EVENT_FIELDS_H_
#define AXB_RUNTIME_EVENT_FIELDS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codegen/gen/event_gen.h" // Generated.

#ifdef __cplusplus
extern "C" {
#endif

struct axb_event_field {
	const char *name; /**< in the event's name */
	uint32_t name_length;
	char display;
	uint8_t slot;
	uint8_t slots;
	bool is_fault; /**< it could not be read */
};

/**
 * The fields of @event, called @name (NULL: unknown). Both may be hostile: whatever is said, slots
 * are of the event's.
 * @param name_length length of the event's own name: @name without its fields
 * @return how many; 0 = nothing is said about the arguments, or nothing that holds.
 */
uint32_t axb_event_fields(const struct axb_trace_event *event, const char *name,
	size_t *name_length, struct axb_event_field out[AXB_EVENT_ARG_MAX]);

#ifdef __cplusplus
}
#endif

#endif

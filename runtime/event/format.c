/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What comes from a stream is hostile, and what is printed here goes to terminals.
 */
#include "runtime/base/text.h"

#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "runtime/base/mem.h"
#include "runtime/base/types.h"
#include "runtime/event/fields.h"
#include "runtime/event/stream.h"

#define CPU_WIDTH 5
#define TYPE_WIDTH 12
#define EVENT_WIDTH 30
#define DETAILS_WIDTH 30
#define TIMESTAMP_WIDTH 14

#define NS_PER_US 1000u
#define NS_PER_MS 1000000u
#define NS_PER_S 1000000000u

/** What is known of an event, besides itself. */
struct known {
	const struct axb_tp_def *def; /**< NULL: of no tracepoint */
	const char *name;
	size_t name_length; /**< without what it says of fields */
	struct axb_event_field fields[AXB_EVENT_ARG_MAX];
	uint32_t field_count;
};

/** @size bytes of text, up to a NUL. */
static void put_printable(struct axb_text *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size && text[i] != '\0'; i++) {
		char c = text[i];
		if (c < ' ' || c > '~') {
			c = '?';
		}
		axb_text_char(out, c);
	}
}

/** @v with leading zeros up to @digits. */
static void put_zero_padded(struct axb_text *out, uint64_t v, unsigned digits)
{
	uint64_t limit = 10;
	for (unsigned i = 1; i < digits; i++, limit *= 10) {
		if (v < limit) {
			for (unsigned zeros = i; zeros < digits; zeros++) {
				axb_text_char(out, '0');
			}
			break;
		}
	}
	axb_text_u64(out, v);
}

/** @ns in units of @unit_ns with @digits decimals, cut. */
static void put_decimal(
	struct axb_text *out, uint64_t ns, uint64_t unit_ns, unsigned digits, const char *unit)
{
	uint64_t fraction = ns % unit_ns;
	uint64_t step = unit_ns;
	for (unsigned i = 0; i < digits; i++) {
		step /= 10;
	}
	axb_text_u64(out, ns / unit_ns);
	axb_text_char(out, '.');
	put_zero_padded(out, fraction / step, digits);
	axb_text_str(out, unit);
}

static void put_duration(struct axb_text *out, uint64_t ns)
{
	if (ns < NS_PER_US) {
		axb_text_u64(out, ns);
		axb_text_str(out, "ns");
	} else if (ns < NS_PER_MS) {
		put_decimal(out, ns, NS_PER_US, 1, "us");
	} else if (ns < NS_PER_S) {
		put_decimal(out, ns, NS_PER_MS, 1, "ms");
	} else {
		put_decimal(out, ns, NS_PER_S, 2, "s");
	}
}

/** The tracepoint that @event comes from; NULL when from none. The table is in order of ids. */
static const struct axb_tp_def *tracepoint_of(const struct axb_trace_event *event)
{
	uint32_t low = 0;
	uint32_t high = axb_tp_count;
	while (event->probe_type == AXB_PROBE_TYPE_TRACEPOINT && low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (axb_tp_defs[mid].id == event->event_id) {
			return &axb_tp_defs[mid];
		}
		if (axb_tp_defs[mid].id < event->event_id) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return NULL;
}

/** "name=" after a space, but at the start. */
static void put_key(struct axb_text *out, size_t start, const char *key)
{
	if (out->length != start) {
		axb_text_char(out, ' ');
	}
	axb_text_str(out, key);
	axb_text_char(out, '=');
}

static void put_text_slots(
	struct axb_text *out, const struct axb_trace_event *event, uint32_t slot, uint32_t count)
{
	char text[sizeof(event->args)];
	memcpy(text, event->args, sizeof(text));
	axb_text_char(out, '"');
	put_printable(out, text + 8 * (size_t)slot, 8 * (size_t)count);
	axb_text_char(out, '"');
}

static void put_value(
	struct axb_text *out, const struct axb_tp_field *field, const struct axb_trace_event *event)
{
	uint64_t value = event->args[field->slot];
	switch (field->display) {
	case AXB_TP_DISPLAY_HEX:
		axb_text_0x(out, value, 1);
		break;
	case AXB_TP_DISPLAY_STRING:
		put_text_slots(out, event, field->slot, field->slot_count);
		break;
	case AXB_TP_DISPLAY_ENUM:
		if (value != 0 &&
			(value > UINT32_MAX ||
				axb_streq(field->enum_name((uint32_t)value), "unknown"))) {
			axb_text_u64(out, value);
		} else {
			axb_text_str(out, field->enum_name((uint32_t)value));
		}
		break;
	default:
		if (field->is_signed) {
			axb_text_i64(out, (int64_t)value);
		} else {
			axb_text_u64(out, value);
		}
	}
}

static void put_fields(
	struct axb_text *out, const struct axb_tp_def *def, const struct axb_trace_event *event)
{
	size_t start = out->length;
	for (uint32_t i = 0; i < def->field_count; i++) {
		const struct axb_tp_field *field = &def->fields[i];
		if (field->slot < event->nr_args && field->slot < AXB_EVENT_ARG_MAX) {
			put_key(out, start, field->name);
			put_value(out, field, event);
		}
	}
}

static void put_char(struct axb_text *out, uint64_t value)
{
	char c = (char)(uint8_t)value;
	axb_text_char(out, '\'');
	put_printable(out, c == '\0' ? "?" : &c, 1);
	axb_text_char(out, '\'');
}

static void put_fetched(struct axb_text *out, const struct axb_event_field *field,
	const struct axb_trace_event *event)
{
	uint64_t value = event->args[field->slot];
	if (field->is_fault) {
		axb_text_str(out, "(fault)");
	} else if (field->display == 's') {
		put_text_slots(out, event, field->slot, field->slots);
	} else if (field->display == 'c') {
		put_char(out, value);
	} else if (field->display == 'd') {
		axb_text_i64(out, (int64_t)value);
	} else if (field->display == 'u') {
		axb_text_u64(out, value);
	} else {
		axb_text_0x(out, value, 1);
	}
}

static void put_all_fetched(
	struct axb_text *out, const struct known *known, const struct axb_trace_event *event)
{
	for (uint32_t i = 0; i < known->field_count; i++) {
		const struct axb_event_field *field = &known->fields[i];
		axb_text_str(out, i == 0 ? "" : " ");
		put_printable(out, field->name, field->name_length);
		axb_text_char(out, '=');
		put_fetched(out, field, event);
	}
}

static void put_args(struct axb_text *out, const struct axb_trace_event *event)
{
	if (event->nr_args == 0) {
		return;
	}
	axb_text_str(out, "args=[");
	for (uint32_t i = 0; i < event->nr_args && i < AXB_EVENT_ARG_MAX; i++) {
		axb_text_str(out, i == 0 ? "" : ", ");
		axb_text_0x(out, event->args[i], 1);
	}
	axb_text_char(out, ']');
}

static void put_details(
	struct axb_text *out, const struct known *known, const struct axb_trace_event *event)
{
	size_t start = out->length;
	if (known->def != NULL) {
		put_fields(out, known->def, event);
	} else if (event->event_id == AXB_EVENT_ID_LOST) {
		put_key(out, start, "lost");
		axb_text_u64(out, event->args[0]);
		put_key(out, start, "total");
		axb_text_u64(out, event->args[1]);
	} else if (event->event_id == AXB_EVENT_ID_PRINTK) {
		put_text_slots(out, event, 0, AXB_EVENT_ARG_MAX);
	} else if (known->field_count != 0) {
		put_all_fetched(out, known, event);
	} else {
		put_args(out, event);
	}
	if ((event->flags & AXB_EVENT_TRUNCATED) != 0) {
		axb_text_str(out, out->length == start ? "(cut)" : " (cut)");
	}
	if (event->duration_ns != 0) {
		put_key(out, start, "dur");
		put_duration(out, event->duration_ns);
	}
	if (event->vm_id != AXB_VM_HYPERVISOR) {
		axb_text_str(out, out->length == start ? "vm" : " vm");
		axb_text_u64(out, event->vm_id);
	}
}

static void put_event_name(
	struct axb_text *out, const struct known *known, const struct axb_trace_event *event)
{
	if (known->def != NULL) {
		axb_text_str(out, known->def->name);
	} else if (event->event_id == AXB_EVENT_ID_LOST) {
		axb_text_str(out, "lost");
	} else if (known->name != NULL) {
		put_printable(out, known->name, known->name_length);
	} else if (event->event_id == AXB_EVENT_ID_PRINTK) {
		axb_text_str(out, "printk");
	} else {
		axb_text_str(out, "id:");
		axb_text_u64(out, event->event_id);
	}
}

/** Go to the column that begins @width after @start; one space when the text is there already. */
static void end_column(struct axb_text *out, size_t start, size_t width)
{
	axb_text_pad_to(out, start + width, ' ');
	axb_text_char(out, ' ');
}

void axb_event_format(const struct axb_trace_event *event, const char *name, struct axb_text *out)
{
	struct known known = {.def = tracepoint_of(event), .name = name};
	const size_t line = out->length;
	size_t start;
	known.field_count = axb_event_fields(event, name, &known.name_length, known.fields);
	axb_text_char(out, '[');
	axb_text_u64_field(out, event->timestamp_ns / NS_PER_S, -5);
	axb_text_char(out, '.');
	put_zero_padded(out, event->timestamp_ns % NS_PER_S / NS_PER_US, 6);
	axb_text_str(out, "]");
	end_column(out, line, TIMESTAMP_WIDTH);
	start = out->length;
	axb_text_str(out, "cpu");
	axb_text_u64(out, event->cpu_id);
	end_column(out, start, CPU_WIDTH);
	start = out->length;
	axb_text_str(out, axb_probe_type_name(event->probe_type));
	end_column(out, start, TYPE_WIDTH);
	start = out->length;
	put_event_name(out, &known, event);
	end_column(out, start, EVENT_WIDTH);
	put_details(out, &known, event);
	while (out->length > line && out->buffer[out->length - 1] == ' ') {
		out->buffer[--out->length] = '\0';
	}
}

static void put_rule(struct axb_text *out, size_t width)
{
	axb_text_pad_to(out, out->length + width, '-');
}

void axb_event_format_header(struct axb_text *out)
{
	axb_text_field(out, "TIMESTAMP", TIMESTAMP_WIDTH);
	axb_text_field(out, " CPU", CPU_WIDTH + 1);
	axb_text_field(out, " TYPE", TYPE_WIDTH + 1);
	axb_text_field(out, " EVENT", EVENT_WIDTH + 1);
	axb_text_str(out, " DETAILS\n");
	put_rule(out, TIMESTAMP_WIDTH);
	axb_text_char(out, ' ');
	put_rule(out, CPU_WIDTH);
	axb_text_char(out, ' ');
	put_rule(out, TYPE_WIDTH);
	axb_text_char(out, ' ');
	put_rule(out, EVENT_WIDTH);
	axb_text_char(out, ' ');
	put_rule(out, DETAILS_WIDTH);
}

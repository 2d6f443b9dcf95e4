/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/shell/internal.h"

#include "runtime/base/bits.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define BAR_WIDTH 40u
#define CONTROL_BELOW 0x20

void shell_begin(struct shell_line *line)
{
	axb_text_init(&line->text, line->buffer, sizeof(line->buffer));
	line->json_has_member = false;
}

void shell_end(struct shell_line *line)
{
	const struct axb_shell_config *config = shell_config();
	if (line->text.cut || line->text.length + 1 >= sizeof(line->buffer)) {
		/* So that a cut line is seen as one. */
		memcpy(line->buffer + sizeof(line->buffer) - 5, "...", 4);
		line->text.length = sizeof(line->buffer) - 2;
	}
	line->buffer[line->text.length] = '\n';
	config->write(config->cookie, line->buffer, line->text.length + 1);
}

void shell_say(const char *text)
{
	shell_say2(text, "", "", "");
}

void shell_say2(const char *prefix, const char *a, const char *middle, const char *b)
{
	struct shell_line line;
	shell_begin(&line);
	axb_text_str(&line.text, prefix);
	axb_text_str(&line.text, a);
	axb_text_str(&line.text, middle);
	axb_text_str(&line.text, b);
	shell_end(&line);
}

void shell_rule(uint32_t count)
{
	struct shell_line line;
	shell_begin(&line);
	axb_text_pad_to(&line.text, count, '-');
	shell_end(&line);
}

static void json_string(struct axb_text *text, const char *value)
{
	axb_text_char(text, '"');
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\') {
			axb_text_char(text, '\\');
			axb_text_char(text, *value);
		} else if ((uint8_t)*value < CONTROL_BELOW || (uint8_t)*value > '~') {
			axb_text_str(text, "\\u");
			axb_text_hex(text, (uint8_t)*value, 4);
		} else {
			axb_text_char(text, *value);
		}
	}
	axb_text_char(text, '"');
}

static void json_key(struct shell_line *line, const char *key)
{
	if (line->json_has_member) {
		axb_text_str(&line->text, ", ");
	}
	line->json_has_member = true;
	json_string(&line->text, key);
	axb_text_str(&line->text, ": ");
}

void shell_json_begin(struct shell_line *line)
{
	shell_begin(line);
	axb_text_char(&line->text, '{');
}

void shell_json_text(struct shell_line *line, const char *key, const char *value)
{
	json_key(line, key);
	json_string(&line->text, value);
}

void shell_json_u64(struct shell_line *line, const char *key, uint64_t value)
{
	json_key(line, key);
	axb_text_u64(&line->text, value);
}

void shell_json_end(struct shell_line *line)
{
	axb_text_char(&line->text, '}');
	shell_end(line);
}

void shell_duration(struct axb_text *text, uint64_t ns)
{
	static const struct {
		uint64_t unit_ns;
		const char *name;
	} units[] = {{1000000000u, "s"}, {1000000u, "ms"}, {1000u, "us"}};
	for (size_t i = 0; i < AXB_ARRAY_COUNT(units); i++) {
		if (ns >= units[i].unit_ns) {
			axb_text_u64(text, ns / units[i].unit_ns);
			axb_text_char(text, '.');
			axb_text_u64(text, ns % units[i].unit_ns * 10 / units[i].unit_ns);
			axb_text_str(text, units[i].name);
			return;
		}
	}
	axb_text_u64(text, ns);
	axb_text_str(text, "ns");
}

void shell_duration_field(struct axb_text *text, uint64_t ns, uint32_t width)
{
	char buffer[32];
	struct axb_text t;
	axb_text_init(&t, buffer, sizeof(buffer));
	shell_duration(&t, ns);
	axb_text_field(text, buffer, -(int)width);
}

void shell_histogram(const uint64_t counts[64])
{
	uint64_t most = 0;
	uint32_t first = 64;
	uint32_t last = 0;
	for (uint32_t i = 0; i < 64; i++) {
		if (counts[i] != 0) {
			first = first == 64 ? i : first;
			last = i;
			most = counts[i] > most ? counts[i] : most;
		}
	}
	for (uint32_t i = first; i <= last && i < 64; i++) {
		struct shell_line line;
		shell_begin(&line);
		axb_text_str(&line.text, "  ");
		shell_duration_field(&line.text, i == 0 ? 0 : UINT64_C(1) << i, 8);
		axb_text_str(&line.text, " ..");
		axb_text_u64_field(&line.text, counts[i], -10);
		axb_text_str(&line.text, "  ");
		/* At least one mark for what is not zero; division first, or it could wrap. */
		uint64_t scale = most / BAR_WIDTH + 1;
		uint64_t bar = counts[i] / scale + (counts[i] != 0 && counts[i] < scale);
		axb_text_pad_to(&line.text, line.text.length + bar, '#');
		shell_end(&line);
	}
}

enum axb_status shell_error(const struct shell_args *args, uint32_t word, enum axb_status status,
	const char *why, const struct axb_nearest *nearest)
{
	struct shell_line line;
	shell_begin(&line);
	axb_text_str(&line.text, args->line);
	shell_end(&line);
	shell_begin(&line);
	axb_text_pad_to(&line.text, args->columns[word], ' ');
	axb_text_char(&line.text, '^');
	shell_end(&line);
	shell_begin(&line);
	axb_text_str(&line.text, "error: ");
	axb_text_str(&line.text, why);
	if (nearest != NULL && nearest->best[0] != '\0') {
		axb_text_str(&line.text, "; did you mean ");
		axb_text_str(&line.text, nearest->best);
		axb_text_char(&line.text, '?');
	}
	shell_end(&line);
	return status;
}

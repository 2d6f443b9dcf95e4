/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/tracing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platforms/reference/console.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/pages.h"
#include "platforms/reference/session.h"
#include "platforms/shell/shell.h"
#include "runtime/base/mem.h"
#include "runtime/base/text.h"
#include "runtime/base/types.h"
#include "runtime/event/stream.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/core.h"
#include "runtime/init/init.h"
#include "runtime/maps/map.h"
#include "runtime/prog/prog.h"
#include "runtime/sym/image.h"

#include "codegen/gen/maps_gen.h" // Generated.

#define MEMORY_SIZE (UINT32_C(8) << 20)
#define RING_EVENTS 8192u
#define RECENT_EVENTS 1024u
#define NAMES_MAX 1024u
#define LINE_SIZE 256u
#define SCRIPT_SIZE 8192u
#define FILE_SIZE 0x40000u
/* Of one record of a ring-buffer map; a larger one stays, and blocks its map. */
#define RECORD_MAX 0x10000u
/* More than all rings of all CPUs and the records of programs hold. */
#define STREAM_ROOM_MIN (UINT32_C(8) << 20)
#define PROMPT "axebpf> "
#define KEY_BACKSPACE '\b'
#define KEY_DELETE 0x7f

static struct axb_stream_writer stream;
static bool stream_is_open;
static char line[LINE_SIZE];
static size_t line_length;

static bool stream_sink(void *cookie, const void *bytes, size_t size)
{
	(void)cookie;
	return machine_stream_write(bytes, size);
}

__attribute__((noreturn)) static void fail(const char *what, enum axb_status status)
{
	char buffer[160];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, what);
	axb_text_str(&text, ": ");
	axb_text_str(&text, axb_status_text(status));
	panic(buffer);
}

static void stream_open(const char *name)
{
	if (!machine_stream_open(name)) {
		panic("the stream cannot be opened");
	}
	stream_is_open = true;
	enum axb_status st = axb_stream_begin(&stream, (enum axb_stream_arch)machine_stream_arch(),
		axb_plat_cpu_count(), stream_sink, NULL);
	if (st != AXB_OK) {
		fail("stream", st);
	}
}

static void shell_write(void *cookie, const char *text, size_t length)
{
	(void)cookie;
	console_write(text, length);
}

/* A file of the package; else of the host, where the machine has a way to it. */
static bool read_file(void *cookie, const char *name, struct axb_bytes *out)
{
	static uint8_t file[FILE_SIZE] AXB_ALIGNED(8);
	(void)cookie;
	if (package_get_file(session_package(), name, out)) {
		return true;
	}
	size_t size = machine_read_file(name, file, sizeof(file));
	*out = axb_bytes_of(file, size);
	return size > 0;
}

void tracing_init(const struct options *options)
{
	const struct axb_shell_config shell = {.write = shell_write, .read_file = read_file};
	const struct axb_config config = {
		.memory = pages_alloc_boot(MEMORY_SIZE),
		.memory_size = MEMORY_SIZE,
		.event = {.ring_events = RING_EVENTS,
			.recent_events = RECENT_EVENTS,
			.name_max = NAMES_MAX},
		.helpers = &axb_helpers_standard,
	};
	struct axb_init_error why = {0};
	uint64_t start;
	uint64_t end;
	machine_image(&start, &end);
	enum axb_status st =
		axb_init_with_symbols(&config, axb_symtab_image_bytes(), start, end, &why);
	if (st != AXB_OK) {
		fail(why.what != NULL ? why.what : "axebpf", st);
	}
	tracing_cpu_init();
	axb_shell_init(&shell);
	if (options->stream != NULL) {
		stream_open(options->stream);
	}
}

void tracing_cpu_init(void)
{
	enum axb_status st = axb_cpu_init();
	if (st != AXB_OK) {
		fail("axebpf on this CPU", st);
	}
}

static void run_script_line(const char *text)
{
	console_puts(PROMPT);
	console_puts(text);
	console_puts("\n");
	session_run_line(text);
}

void tracing_run_script(const char *name)
{
	static char script[SCRIPT_SIZE];
	struct axb_bytes bytes;
	char *at = script;
	if (!read_file(NULL, name, &bytes) || bytes.size >= sizeof(script)) {
		panic("the script cannot be read, or is too long");
	}
	memcpy(script, bytes.data, bytes.size);
	script[bytes.size] = '\0';
	while (*at != '\0') {
		char *begin = at;
		while (*at != '\n' && *at != '\0') {
			at++;
		}
		if (*at == '\n') {
			*at++ = '\0';
		}
		run_script_line(begin);
	}
}

/* A typed character: edit the line, run it when it is complete. */
static void take_key(char key)
{
	if (key == '\r' || key == '\n') {
		line[line_length] = '\0';
		line_length = 0;
		console_puts("\n");
		session_run_line(line);
		console_puts(PROMPT);
	} else if ((key == KEY_BACKSPACE || key == KEY_DELETE) && line_length > 0) {
		line_length--;
		console_puts("\b \b");
	} else if (key >= ' ' && key < KEY_DELETE && line_length + 1 < sizeof(line)) {
		line[line_length++] = key;
		console_write(&key, 1);
	}
}

/* Move what programs wrote to their ring-buffer maps to the stream. */
static enum axb_status drain_ringbufs(void)
{
	static uint8_t record[RECORD_MAX] AXB_ALIGNED(8);
	axb_map_id_t id = {0};
	struct axb_map_info info;
	while (axb_map_next(&id)) {
		uint32_t size;
		if (axb_map_info(id, &info) != AXB_OK ||
			info.map->def.type != AXB_MAP_TYPE_RINGBUF) {
			continue;
		}
		while (axb_ringbuf_read(info.map, record, sizeof(record), &size) == AXB_OK) {
			AXB_TRY(axb_stream_payload(&stream, info.map->name, record, size));
		}
	}
	return AXB_OK;
}

static void stream_drain(void)
{
	if (!stream_is_open) {
		return;
	}
	if (machine_stream_room() < STREAM_ROOM_MIN) {
		return; /* events stay in their rings, where losses are counted */
	}
	enum axb_status st = axb_stream_drain(&stream, NULL);
	if (st == AXB_OK) {
		st = drain_ringbufs();
	}
	if (st != AXB_OK) {
		fail("stream", st);
	}
}

void tracing_poll(void)
{
	char typed;
	char key;
	while (machine_get(&typed)) {
		if (console_take(typed, &key)) {
			take_key(key);
		}
	}
	axb_shell_poll();
	stream_drain();
}

void tracing_prompt(void)
{
	console_puts(PROMPT);
}

void tracing_finish(void)
{
	if (!stream_is_open) {
		return;
	}
	stream_drain();
	enum axb_status st = axb_stream_end(&stream);
	if (st != AXB_OK) {
		fail("stream", st);
	}
	machine_stream_close();
	stream_is_open = false;
}

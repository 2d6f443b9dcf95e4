/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/tracing.h"

#include <stddef.h>
#include <stdint.h>

#include "platforms/x86_64_qemu/console.h"
#include "platforms/x86_64_qemu/mmu.h"
#include "platforms/x86_64_qemu/pages.h"
#include "platforms/x86_64_qemu/panic.h"
#include "platforms/x86_64_qemu/package_reader.h"
#include "platforms/x86_64_qemu/uart.h"
#include "platforms/reference/machine.h"
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

#define MEMORY_PAGES 2048u
#define RING_EVENTS 8192u
#define RECENT_EVENTS 1024u
#define NAMES_MAX 1024u
#define LINE_SIZE 256u
#define SCRIPT_SIZE 8192u
/* Of one record of a ring-buffer map; a larger one stays, and blocks its map. */
#define RECORD_MAX 0x10000u
#define PROMPT "axebpf> "
#define KEY_BACKSPACE '\b'
#define KEY_DELETE 0x7f

extern const uint8_t image_start[], image_stacks_start[];

static bool exit_wanted;
static uint16_t focus;
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

static void stream_open(const char *path)
{
	if (!machine_stream_open(path)) {
		panic("the stream file cannot be written");
	}
	stream_is_open = true;
	enum axb_status st = axb_stream_begin(
		&stream, AXB_STREAM_ARCH_X86_64, axb_plat_cpu_count(), stream_sink, NULL);
	if (st != AXB_OK) {
		fail("stream", st);
	}
}

static void shell_write(void *cookie, const char *text, size_t length)
{
	(void)cookie;
	console_write(text, length);
}

static bool shell_read_file(void *cookie, const char *path, struct axb_bytes *out)
{
	(void)cookie;
	*out = package_file_bytes(path);
	return out->size > 0;
}

void tracing_init(const struct options *options)
{
	const struct axb_shell_config shell = {.write = shell_write, .read_file = shell_read_file};
	const struct axb_config config = {
		.memory = pages_alloc_at_boot(MEMORY_PAGES),
		.memory_size = (size_t)MEMORY_PAGES * PAGE_SIZE,
		.event = {.ring_events = RING_EVENTS,
			.recent_events = RECENT_EVENTS,
			.name_max = NAMES_MAX},
		.helpers = &axb_helpers_standard,
	};
	struct axb_init_error why = {0};
	enum axb_status st = axb_init_with_symbols(&config, axb_symtab_image_bytes(),
		(uint64_t)image_start, (uint64_t)image_stacks_start, &why);
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

static void run_line(const char *text)
{
	if (axb_streq(text, "exit")) {
		exit_wanted = true;
		return;
	}
	/* The shell has said what was wrong. */
	(void)axb_shell_run(text);
}

void tracing_run_script(const char *path)
{
	static char script[SCRIPT_SIZE];
	struct axb_bytes file = package_file_bytes(path);
	size_t size = file.size;
	char *at = script;
	if (size == 0 || size >= sizeof(script)) {
		panic("the script cannot be read, or is too long");
	}
	memcpy(script, file.data, size);
	script[size] = '\0';
	while (*at != '\0') {
		char *begin = at;
		while (*at != '\n' && *at != '\0') {
			at++;
		}
		if (*at == '\n') {
			*at++ = '\0';
		}
		console_puts(PROMPT);
		console_puts(begin);
		console_puts("\n");
		run_line(begin);
	}
}

/* A typed character: edit the line, run it when it is complete. */
static void take_key(char key)
{
	if (key == '\r' || key == '\n') {
		line[line_length] = '\0';
		line_length = 0;
		console_puts("\n");
		run_line(line);
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
	char key;
	while (uart_get(&key)) {
		if (key == 1) {
			focus = focus == 0;
		} else if (focus != 0) {
			machine_vm_input(focus, key);
		} else {
			take_key(key);
		}
	}
	axb_shell_poll();
	stream_drain();
}

bool tracing_exit_wanted(void)
{
	return exit_wanted;
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

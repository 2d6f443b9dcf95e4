/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * All of axebpf: tracepoints, probes on the hypervisor, programs, symbols, the shell.
 */
#include "platforms/reference/tracing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platforms/reference/console.h"
#include "platforms/reference/guest_symbols.h"
#include "platforms/reference/input.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/pages.h"
#include "platforms/reference/trace_stream.h"
#include "platforms/shell/shell.h"
#include "probes/control/control.h"
#include "probes/hprobe/hprobe.h"
#include "runtime/base/arena.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/core.h"
#include "runtime/init/init.h"
#include "runtime/maps/map.h"
#include "runtime/prog/prog.h"
#include "runtime/sym/image.h"

#include "codegen/gen/maps_gen.h" // Generated.

#define MEMORY_SIZE (UINT32_C(16) << 20)
#define RING_EVENTS 32768u
/* Of them, before a CPU helps to move them. */
#define RELIEVE_EVENTS (RING_EVENTS / 4)
#define RECENT_EVENTS 1024u
#define NAMES_MAX 1024u
/* Of one record of a ring-buffer map; a larger one stays, and blocks its map. */
#define RECORD_MAX 0x10000u

static void shell_write(void *cookie, const char *text, size_t length)
{
	(void)cookie;
	console_write(text, length);
}

static bool read_file(void *cookie, const char *name, struct axb_bytes *out)
{
	(void)cookie;
	return input_read_file(name, out);
}

static const struct axb_symtab *symbols_of_guest(void *cookie, uint16_t vm, const char **why)
{
	(void)cookie;
	return guest_symbols(vm, why);
}

/* They stay for good: memory of blocks that is not given back. */
static enum axb_status load_symbols(void *cookie, uint16_t vm, struct axb_bytes blob)
{
	(void)cookie;
	void *copy = pages_alloc_boot(blob.size);
	if (copy == NULL) {
		return AXB_ERR_NOMEM;
	}
	memcpy(copy, blob.data, blob.size);
	return guest_symbols_load(vm, axb_bytes_of(copy, blob.size));
}

static void init_probes(void)
{
	size_t size = axb_hprobe_memory_size(axb_plat_cpu_count());
	struct axb_arena arena;
	axb_arena_init(&arena, pages_alloc_boot(size), size);
	enum axb_status st = axb_hprobe_init(axb_plat_cpu_count(), &arena);
	if (st != AXB_OK) {
		trace_fail("probes on the hypervisor", st);
	}
}

void tracing_init(const struct options *options)
{
	static const struct axb_probe_kind *const kinds[] = {
		&axb_probe_kind_tracepoint, &axb_probe_kind_hprobe, &axb_probe_kind_hretprobe};
	const struct axb_shell_config shell = {
		.write = shell_write,
		.read_file = read_file,
		.guest_symbols = symbols_of_guest,
		.load_guest_symbols = load_symbols,
		.kinds = kinds,
		.kind_count = AXB_ARRAY_COUNT(kinds),
	};
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
		trace_fail(why.what != NULL ? why.what : "axebpf", st);
	}
	tracing_cpu_init();
	init_probes();
	axb_shell_init(&shell);
	trace_stream_open(options->stream);
}

void tracing_cpu_init(void)
{
	enum axb_status st = axb_cpu_init();
	if (st != AXB_OK) {
		trace_fail("axebpf on this CPU", st);
	}
}

/* Move what programs wrote to their ring-buffer maps to the stream. */
static enum axb_status drain_ringbufs(struct axb_stream_writer *stream)
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
			AXB_TRY(axb_stream_payload(stream, info.map->name, record, size));
		}
	}
	return AXB_OK;
}

void tracing_poll(void)
{
	axb_shell_poll();
	guest_symbols_poll();
	trace_stream_poll(drain_ringbufs);
}

void tracing_relieve(void)
{
	axb_hprobe_quiescent();
	trace_stream_relieve(RELIEVE_EVENTS);
}

void tracing_run_line(const char *line)
{
	/* The shell has said what was wrong. */
	(void)axb_shell_run(line);
}

void tracing_complete(const char *before, struct editor_offers *offers)
{
	axb_shell_complete(before, offers);
}

void tracing_finish(void)
{
	trace_stream_close(drain_ringbufs);
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The smallest integration of axebpf: the code of runtime/hooks/README.md, in its order.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bpf/embedded.h"
#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/helpers_gen.h"     // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "probes/control/control.h"
#include "runtime/base/types.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/core.h"
#include "runtime/init/init.h"
#include "runtime/maps/map.h"
#include "runtime/prog/prog.h"

uint32_t axb_plat_cpu_id(void)
{
	return 0;
}

uint32_t axb_plat_cpu_count(void)
{
	return 1;
}

uint64_t axb_plat_time_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t axb_plat_irq_save(void)
{
	return 0;
}

void axb_plat_irq_restore(uint64_t state)
{
	(void)state;
}

static struct axb_vcpu_context current = {.vcpu_id = AXB_VCPU_NONE};

void axb_plat_vcpu_context(struct axb_vcpu_context *out)
{
	*out = current;
}

void axb_plat_panic(const char *file, uint32_t line, const char *what)
{
	(void)fprintf(stderr, "%s:%" PRIu32 ": %s\n", file, line, what);
	abort();
}

static const struct axb_helper_impl impls[] = {
	{AXB_HELPER_MAP_LOOKUP_ELEM, axb_helper_map_lookup_elem},
};
static const struct axb_helper_table helpers = {impls, AXB_ARRAY_COUNT(impls)};

static void check(enum axb_status status, const char *what)
{
	if (status != AXB_OK) {
		(void)fprintf(stderr, "%s: %s\n", what, axb_status_text(status));
		exit(1);
	}
}

static void start(void)
{
	static uint8_t memory[1 << 20];
	static const struct axb_probe_kind *const kinds[] = {&axb_probe_kind_tracepoint};
	const struct axb_config config = {
		.memory = memory,
		.memory_size = sizeof(memory),
		.event = {.ring_events = 64, .recent_events = 64},
		.helpers = &helpers,
	};
	struct axb_init_error why = {.what = ""};
	check(axb_init(&config, &why), why.what);
	check(axb_cpu_init(), "CPU");
	axb_control_init(kinds, AXB_ARRAY_COUNT(kinds));
}

/* A guest that calls the hypervisor, and every third time waits. */
static void run_guest(uint32_t exits)
{
	current = (struct axb_vcpu_context){.vm_id = 1};
	for (uint32_t i = 0; i < exits; i++) {
		current.has_exit_reason = true;
		current.exit_reason = i % 3 == 2 ? AXB_EXIT_WFI : AXB_EXIT_HVC;
		axb_trace_vcpu_exit(1, 0, current.exit_reason, 0x1000 + 4 * i, 0, 100);
		current.has_exit_reason = false;
	}
	current = (struct axb_vcpu_context){.vcpu_id = AXB_VCPU_NONE};
}

static axb_object_id_t load(const char *name)
{
	const struct axb_embedded_object *embedded = axb_embedded_find(name);
	struct axb_load_error load_error;
	struct axb_control_error attach_error;
	axb_object_id_t object;
	axb_prog_id_t prog;
	uint32_t attached = 0;
	struct axb_bytes bytes = axb_bytes_of(embedded->bytes, *embedded->size);
	check(axb_object_load(bytes, name, &object, &load_error), "load");
	check(axb_object_find_prog(object, "", &prog), "find");
	check(axb_control_attach_auto(prog, &attached, &attach_error), "attach");
	return object;
}

/* The count that bpf/exits.bpf.c keeps for VM 1. */
static uint64_t counted(axb_object_id_t object, uint32_t reason)
{
	uint32_t key = 1 * 64 + reason;
	axb_map_id_t id;
	struct axb_map_info info;
	uint64_t value = 0;
	check(axb_object_find_map(object, "exits", &id), "map");
	check(axb_map_info(id, &info), "map");
	memcpy(&value, axb_map_lookup_cpu(info.map, &key, 0), sizeof(value));
	return value;
}

int main(void)
{
	start();
	axb_object_id_t object = load("exits");
	run_guest(300);
	(void)printf("hvc %" PRIu64 "\nwfi %" PRIu64 "\n", counted(object, AXB_EXIT_HVC),
		counted(object, AXB_EXIT_WFI));
	return 0;
}

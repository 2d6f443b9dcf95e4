/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * record STREAM RING_EVENTS EVENTS: two threads are two CPUs that run two VMs; a program counts
 * their exits; all events go to STREAM while they come. Prints what was done, as a JSON object.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "bpf/embedded.h"
#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "platforms/host/host.h"
#include "probes/control/control.h"
#include "runtime/base/atomic.h"
#include "runtime/event/stream.h"
#include "runtime/helpers/helpers.h"
#include "runtime/init/init.h"
#include "runtime/prog/prog.h"
#include "runtime/trace/tracepoint.h"

#define VM_COUNT 2u
#define CPU_COUNT (VM_COUNT + 1) /* the thread that writes the stream is one too */
#define REASON_MAX 64u           /* of bpf/exits.bpf.c */
#define MEMORY_SIZE ((size_t)64 << 20)

static uint64_t event_count;
static uint32_t running = VM_COUNT;

static void check(bool ok, const char *what)
{
	if (!ok) {
		(void)fprintf(stderr, "record: %s\n", what);
		exit(1);
	}
}

static void *run_vm(void *cookie)
{
	const uint16_t vm = *(const uint16_t *)cookie;
	const struct axb_vcpu_context context = {.vm_id = vm};
	check(axb_host_claim_cpu() && axb_cpu_init() == AXB_OK, "no CPU for a thread");
	axb_host_set_vcpu(&context);
	for (uint64_t i = 0; i < event_count; i++) {
		uint32_t reason = i % 4 == 0 ? AXB_EXIT_WFI : AXB_EXIT_HVC;
		axb_trace_vcpu_exit(vm, 0, reason, 0x1000 + i, 0, 100 + i);
		if (i % 10 == 0) {
			axb_trace_vmm_timer_tick(i);
		}
	}
	(void)axb_fetch_sub_acq_rel(&running, 1u);
	return NULL;
}

static bool write_file(void *cookie, const void *bytes, size_t size)
{
	return fwrite(bytes, 1, size, cookie) == size;
}

static axb_object_id_t load_and_attach(void)
{
	const struct axb_embedded_object *embedded = axb_embedded_find("exits");
	struct axb_load_error load_error;
	struct axb_control_error attach_error;
	axb_object_id_t object;
	axb_prog_id_t prog;
	uint32_t attached = 0;
	check(axb_object_load(axb_bytes_of(embedded->bytes, *embedded->size), "exits", &object,
		      &load_error) == AXB_OK,
		"cannot load exits");
	check(axb_object_find_prog(object, "", &prog) == AXB_OK &&
			axb_control_attach_auto(prog, &attached, &attach_error) == AXB_OK &&
			attached == 1,
		"cannot attach");
	return object;
}

static uint64_t exits_counted(axb_object_id_t object, uint32_t vm, uint32_t reason)
{
	axb_map_id_t id;
	struct axb_map_info info;
	uint32_t key = vm * REASON_MAX + reason;
	uint64_t sum = 0;
	check(axb_object_find_map(object, "exits", &id) == AXB_OK &&
			axb_map_info(id, &info) == AXB_OK,
		"no map");
	for (uint32_t cpu = 0; cpu < info.map->cpu_count; cpu++) {
		const uint64_t *count = axb_map_lookup_cpu(info.map, &key, cpu);
		sum += *count;
	}
	return sum;
}

static void start(uint32_t ring_events)
{
	static const struct axb_probe_kind *const kinds[] = {&axb_probe_kind_tracepoint};
	uint32_t count;
	const struct axb_config config = {
		.memory = aligned_alloc(4096, MEMORY_SIZE),
		.memory_size = MEMORY_SIZE,
		.event = {.cpu_count = CPU_COUNT, .ring_events = ring_events},
		.helpers = &axb_helpers_standard,
	};
	struct axb_init_error why;
	axb_host_set_cpu_count(CPU_COUNT);
	check(axb_init(&config, &why) == AXB_OK && axb_cpu_init() == AXB_OK, "cannot initialize");
	axb_control_init(kinds, 1);
	check(axb_tp_set_enabled_glob("vcpu:exit", true, &count) == AXB_OK &&
			axb_tp_set_enabled_glob("vmm:*", true, &count) == AXB_OK,
		"cannot enable");
}

int main(int argc, char **argv)
{
	static const uint16_t vms[VM_COUNT] = {1, 2};
	pthread_t threads[VM_COUNT];
	struct axb_stream_writer writer;
	check(argc == 4, "usage: record STREAM RING_EVENTS EVENTS");
	FILE *out = fopen(argv[1], "wb");
	check(out != NULL, "cannot write the stream");
	start((uint32_t)strtoul(argv[2], NULL, 10));
	axb_object_id_t object = load_and_attach();
	event_count = strtoull(argv[3], NULL, 10);
	check(axb_stream_begin(&writer, AXB_STREAM_ARCH_HOST, CPU_COUNT, write_file, out) == AXB_OK,
		"cannot begin");
	for (uint32_t i = 0; i < VM_COUNT; i++) {
		check(pthread_create(&threads[i], NULL, run_vm, (void *)(uintptr_t)&vms[i]) == 0,
			"no thread");
	}
	while (axb_load_acquire(&running) != 0) {
		check(axb_stream_drain(&writer, NULL) == AXB_OK, "cannot drain");
	}
	for (uint32_t i = 0; i < VM_COUNT; i++) {
		check(pthread_join(threads[i], NULL) == 0, "join");
	}
	check(axb_stream_end(&writer) == AXB_OK && fclose(out) == 0, "cannot end");
	for (uint32_t i = 0; i < VM_COUNT; i++) {
		printf("{\"vm\": %u, \"wfi\": %" PRIu64 ", \"hvc\": %" PRIu64 "}\n", vms[i],
			exits_counted(object, vms[i], AXB_EXIT_WFI),
			exits_counted(object, vms[i], AXB_EXIT_HVC));
	}
	axb_deinit();
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Every program of this folder gives on our interpreter what Linux gives for the same source and
// input: the value of each run, and what the maps hold at the end. Linux runs a variant built as
// BPF_PROG_TYPE_SYSCALL, which takes any context (see include/program.h). Skipped where bpf(2) is
// not permitted.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "codegen/gen/maps_gen.h"
#include "codegen/gen/tracepoints_gen.h"
#include "gtest/gtest.h"
#include "runtime/event/event.h"
#include "runtime/helpers/env.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/fake/fake.h"
#include "runtime/maps/map.h"
#include "runtime/prog/prog.h"

extern "C" {
enum axb_status axb_event_emit(axb_trace_event *)
{
	return AXB_OK;
}
enum axb_status axb_event_printk(const char *, size_t)
{
	return AXB_OK;
}
void axb_tp_hit(const axb_tp_def *, void *, const uint64_t *, uint8_t, uint64_t)
{
}
}

namespace
{

using Bytes = std::vector<uint8_t>;
// Per map: key -> value; a per-CPU value is the sum of its 64-bit words over the CPUs. A ring
// buffer has its records, numbered.
using Contents = std::map<std::string, std::map<Bytes, Bytes>>;

struct Result {
	std::vector<uint32_t> values;
	Contents maps;
};

Bytes Read(const std::string &path)
{
	std::ifstream in(path, std::ios::binary);
	return Bytes(std::istreambuf_iterator<char>(in), {});
}

Bytes Number(uint32_t n)
{
	Bytes b(4);
	memcpy(b.data(), &n, 4);
	return b;
}

// Adds up 64-bit words: what counters of several CPUs mean.
Bytes Sum(const Bytes &copies, size_t value_size)
{
	Bytes sum(value_size);
	for (size_t at = 0; at < copies.size(); at += 8) {
		uint64_t a, b;
		memcpy(&a, &sum[at % value_size], 8);
		memcpy(&b, &copies[at], 8);
		a += b;
		memcpy(&sum[at % value_size], &a, 8);
	}
	return sum;
}

// Ours.

Contents OurMaps(axb_object_id_t object)
{
	Contents out;
	for (axb_map_id_t id = {0}; axb_map_next(&id);) {
		struct axb_map_info info;
		EXPECT_EQ(AXB_OK, axb_map_info(id, &info));
		axb_map *map = info.map;
		auto &entries = out[map->name];
		if (map->def.type == AXB_MAP_TYPE_RINGBUF) {
			Bytes record(4096);
			uint32_t size = 0, n = 0;
			while (axb_ringbuf_read(map, record.data(), 4096, &size) == AXB_OK) {
				entries[Number(n++)] = Bytes(record.begin(), record.begin() + size);
			}
			continue;
		}
		Bytes key(map->def.key_size), next(map->def.key_size);
		for (int64_t more = axb_map_next_key(map, nullptr, next.data()); more == 0;
			more = axb_map_next_key(map, key.data(), next.data())) {
			key = next;
			const auto *value =
				static_cast<const uint8_t *>(axb_map_lookup(map, key.data()));
			entries[key] = Bytes(value, value + map->def.value_size);
		}
	}
	(void)object;
	return out;
}

Result RunOurs(const std::string &path, const std::vector<Bytes> &contexts)
{
	Result result;
	std::vector<uint8_t> memory(8 << 20);
	const axb_prog_config config = {memory.data(), memory.size(), &axb_helpers_standard, 1};
	EXPECT_EQ(AXB_OK, axb_prog_init(&config));
	Bytes elf = Read(path);
	axb_object_id_t object;
	axb_load_error why;
	axb_prog_id_t id;
	axb_prog *prog = nullptr;
	EXPECT_EQ(
		AXB_OK, axb_object_load(axb_bytes_of(elf.data(), elf.size()), "x", &object, &why));
	EXPECT_EQ(AXB_OK, axb_object_find_prog(object, "", &id));
	EXPECT_EQ(AXB_OK, axb_prog_get(id, &prog));
	for (Bytes context : contexts) {
		axb_env env = {};
		env.ctx = context.data();
		env.ctx_size = static_cast<uint32_t>(context.size());
		EXPECT_TRUE(axb_prog_run(prog, &env));
		EXPECT_EQ(AXB_RUN_OK, env.fault.result);
		result.values.push_back(static_cast<uint32_t>(env.r0));
	}
	result.maps = OurMaps(object);
	axb_prog_deinit();
	return result;
}

// Linux's.

int KeepRecord(void *entries, void *data, size_t size)
{
	auto *records = static_cast<std::map<Bytes, Bytes> *>(entries);
	auto *bytes = static_cast<uint8_t *>(data);
	(*records)[Number(static_cast<uint32_t>(records->size()))] = Bytes(bytes, bytes + size);
	return 0;
}

std::string MapName(const bpf_map *map)
{
	std::string name = bpf_map__name(map);
	return bpf_map__is_internal(map) ? name.substr(name.find('.')) : name;
}

void ReadLinuxMap(bpf_map *map, std::map<Bytes, Bytes> *entries)
{
	int fd = bpf_map__fd(map);
	size_t value_size = bpf_map__value_size(map);
	bool per_cpu = bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_ARRAY;
	if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF) {
		ring_buffer *ring = ring_buffer__new(fd, KeepRecord, entries, nullptr);
		ASSERT_NE(nullptr, ring);
		ring_buffer__consume(ring);
		ring_buffer__free(ring);
		return;
	}
	Bytes key(bpf_map__key_size(map)), next(bpf_map__key_size(map));
	Bytes value(per_cpu ? value_size * static_cast<size_t>(libbpf_num_possible_cpus())
			    : value_size);
	for (int more = bpf_map_get_next_key(fd, nullptr, next.data()); more == 0;
		more = bpf_map_get_next_key(fd, key.data(), next.data())) {
		key = next;
		ASSERT_EQ(0, bpf_map_lookup_elem(fd, key.data(), value.data()));
		(*entries)[key] = per_cpu ? Sum(value, value_size) : value;
	}
}

bool RunLinux(const std::string &path, const std::vector<Bytes> &contexts, Result *result)
{
	libbpf_set_print(nullptr);
	bpf_object *object = bpf_object__open_file(path.c_str(), nullptr);
	EXPECT_NE(nullptr, object);
	if (object == nullptr || bpf_object__load(object) != 0) {
		bpf_object__close(object);
		return false;
	}
	int fd = bpf_program__fd(bpf_object__next_program(object, nullptr));
	for (Bytes context : contexts) {
		bpf_test_run_opts options = {};
		options.sz = sizeof options;
		options.ctx_in = context.data();
		options.ctx_size_in = static_cast<uint32_t>(context.size());
		EXPECT_EQ(0, bpf_prog_test_run_opts(fd, &options));
		result->values.push_back(options.retval);
	}
	bpf_map *map;
	bpf_object__for_each_map(map, object)
	{
		ReadLinuxMap(map, &result->maps[MapName(map)]);
	}
	bpf_object__close(object);
	return true;
}

// Contexts: random ones that meet the edges of what the programs look at.

template <typename Context, typename Fill> std::vector<Bytes> Contexts(size_t count, Fill fill)
{
	std::mt19937_64 random(1);
	std::vector<Bytes> out;
	for (size_t i = 0; i < count; i++) {
		Context ctx = {};
		ctx.vm_id = static_cast<uint16_t>(random() % 20);
		ctx.vcpu_id = static_cast<uint16_t>(random() % 4);
		ctx.timestamp_ns = i * 1000;
		fill(&ctx, random);
		auto *bytes = reinterpret_cast<uint8_t *>(&ctx);
		out.emplace_back(bytes, bytes + sizeof ctx);
	}
	return out;
}

std::vector<Bytes> ContextsFor(const std::string &name)
{
	using Random = std::mt19937_64;
	if (name == "hypercalls") {
		return Contexts<axb_tp_ctx_hypercall_call>(300, [](auto *ctx, Random &random) {
			ctx->nr = random() % 300;
			ctx->arg0 = random();
			ctx->arg1 = random();
		});
	}
	if (name == "mmio_pages") {
		return Contexts<axb_tp_ctx_mmio_access>(300, [](auto *ctx, Random &random) {
			ctx->gpa = random() % 100 << 12 | random() % 4096;
			ctx->is_write = random() & 1;
		});
	}
	if (name == "printk") {
		return Contexts<axb_tp_ctx_vmm_vm_boot>(20, [](auto *ctx, Random &random) {
			ctx->entry = random() >> (random() & 63);
		});
	}
	if (name == "exit_latency") {
		return Contexts<axb_tp_ctx_hyp_hyp_exit>(300, [](auto *ctx, Random &random) {
			ctx->duration_ns = random() >> (random() & 63);
		});
	}
	return Contexts<axb_tp_ctx_vcpu_exit>(300, [](auto *ctx, Random &random) {
		ctx->reason = static_cast<uint32_t>(random() % 70);
		ctx->duration_ns = random() >> (random() & 63);
	});
}

class Kernel : public testing::TestWithParam<const char *>
{
};

TEST_P(Kernel, GivesTheSame)
{
	std::string name = GetParam();
	std::vector<Bytes> contexts = ContextsFor(name);
	Result ours = RunOurs("bpf/" + name + ".bpf.o", contexts), linux_result;
	if (!RunLinux("bpf/" + name + "_kernel.bpf.o", contexts, &linux_result)) {
		GTEST_SKIP() << "the kernel does not load the program here: " << strerror(errno);
	}
	EXPECT_EQ(linux_result.values, ours.values);
	ASSERT_EQ(linux_result.maps.size(), ours.maps.size());
	for (const auto &map : linux_result.maps) {
		EXPECT_EQ(map.second, ours.maps[map.first]) << map.first;
	}
}

INSTANTIATE_TEST_SUITE_P(Programs, Kernel,
	testing::Values("exits", "exit_latency", "hypercalls", "mmio_pages", "printk", "vm_filter"),
	[](const auto &info) { return std::string(info.param); });

} // namespace

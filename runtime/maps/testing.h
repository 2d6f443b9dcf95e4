/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * For the tests of this package and of the helpers: maps in memory of their own.
 */
#ifndef AXB_RUNTIME_MAPS_TESTING_H_
#define AXB_RUNTIME_MAPS_TESTING_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/base/arena.h"
#include "runtime/maps/map.h"

namespace axb_testing
{

/** A map and its memory; get() is NULL when it was refused: see status and why. */
class TestMap
{
      public:
	TestMap(const axb_map_def &def, uint32_t cpu_count = 1)
	    : memory_(std::min<size_t>(axb_map_memory_size(&def, cpu_count), 1u << 24) / 8 + 8)
	{
		axb_arena arena;
		axb_arena_init(&arena, memory_.data(), memory_.size() * 8);
		status = axb_map_create(&def, "test", cpu_count, &arena, &map_, &why);
	}
	axb_map *get() const
	{
		return map_;
	}
	operator axb_map *() const
	{
		return map_;
	}

	enum axb_status status = AXB_OK;
	axb_map_error why = {};

      private:
	std::vector<uint64_t> memory_;
	axb_map *map_ = nullptr;
};

inline axb_map_def ArrayDef(uint32_t value_size, uint32_t max_entries, uint32_t flags = 0)
{
	return {AXB_MAP_TYPE_ARRAY, 4, value_size, max_entries, flags};
}

inline axb_map_def PercpuArrayDef(uint32_t value_size, uint32_t max_entries)
{
	return {AXB_MAP_TYPE_PERCPU_ARRAY, 4, value_size, max_entries, 0};
}

inline axb_map_def HashDef(
	uint32_t key_size, uint32_t value_size, uint32_t max_entries, uint32_t flags = 0)
{
	return {AXB_MAP_TYPE_HASH, key_size, value_size, max_entries, flags};
}

inline axb_map_def RingbufDef(uint32_t bytes)
{
	return {AXB_MAP_TYPE_RINGBUF, 0, 0, bytes, 0};
}

} // namespace axb_testing

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Input: a map definition, then operations, one byte each with their operands. Hash maps and
 * ring buffers are compared with a model, step by step.
 */
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <string>

#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/maps/map.h"
#include "runtime/maps/testing.h"

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

namespace
{

class Input
{
      public:
	Input(const uint8_t *data, size_t size) : data_(data), size_(size)
	{
	}
	bool empty() const
	{
		return size_ == 0;
	}
	uint8_t Byte()
	{
		if (size_ == 0) {
			return 0;
		}
		size_--;
		return *data_++;
	}
	uint32_t Word()
	{
		uint32_t word = 0;
		for (int i = 0; i < 4; i++) {
			word = word << 8 | Byte();
		}
		return word;
	}

      private:
	const uint8_t *data_;
	size_t size_;
};

/* Any definition: a map or a refusal, and memory_size() agrees. */
void Define(Input *in)
{
	axb_map_def def = {in->Byte(), in->Word(), in->Word(), in->Word(), in->Word()};
	uint32_t cpus = in->Byte();
	size_t size = axb_map_memory_size(&def, cpus);
	if (size < 1u << 20) {
		axb_testing::TestMap map(def, cpus);
		CHECK((map.status == AXB_OK) == (size != 0));
	}
}

void Hash(Input *in)
{
	uint32_t max = 1 + in->Byte() % 20;
	uint32_t key_size = 1 + in->Byte() % 12;
	axb_testing::TestMap map(axb_testing::HashDef(key_size, 1, max));
	std::map<std::string, uint8_t> model;
	while (!in->empty()) {
		uint8_t op = in->Byte();
		std::string key(key_size, static_cast<char>(in->Byte() % 32));
		std::string next(key_size, 0);
		bool there = model.count(key) != 0;
		if (op % 4 == 0) {
			auto *value = static_cast<uint8_t *>(axb_map_lookup(map, key.data()));
			CHECK((value != nullptr) == there);
			CHECK(value == nullptr || *value == model[key]);
		} else if (op % 4 == 1) {
			uint64_t flags = op / 4 % 4;
			int64_t want = flags > 2                       ? -AXB_EINVAL
				       : there && flags == 1           ? -AXB_EEXIST
				       : !there && flags == 2          ? -AXB_ENOENT
				       : !there && model.size() == max ? -AXB_E2BIG
								       : 0;
			CHECK(axb_map_update(map, key.data(), &op, flags) == want);
			if (want == 0) {
				model[key] = op;
			}
		} else if (op % 4 == 2) {
			CHECK(axb_map_delete(map, key.data()) ==
				(model.erase(key) != 0 ? 0 : -AXB_ENOENT));
		} else if (axb_map_next_key(map, there ? key.data() : nullptr, &next[0]) == 0) {
			CHECK(model.count(next) != 0);
			CHECK(!there || next != key);
		} else {
			CHECK(there || model.empty());
		}
		CHECK(axb_map_entry_count(map) == model.size());
	}
}

struct Record {
	void *at;
	uint32_t size;
	uint8_t fill;
	int state; /* 0 open, 1 submitted, 2 discarded */
};

void ReadOne(axb_map *ring, std::deque<Record> *model)
{
	static uint8_t bytes[4096];
	uint32_t size = 0;
	while (!model->empty() && model->front().state == 2) {
		model->pop_front();
	}
	enum axb_status status = axb_ringbuf_read(ring, bytes, sizeof(bytes), &size);
	if (model->empty() || model->front().state == 0) {
		CHECK(status == AXB_ERR_EMPTY);
		return;
	}
	const Record &want = model->front();
	CHECK(status == AXB_OK && size == want.size);
	for (uint32_t i = 0; i < size; i++) {
		CHECK(bytes[i] == want.fill);
	}
	model->pop_front();
}

void Ring(Input *in)
{
	axb_testing::TestMap ring(axb_testing::RingbufDef(4096));
	std::deque<Record> model;
	while (!in->empty()) {
		uint8_t op = in->Byte();
		if (op % 3 == 0) {
			uint32_t size = (in->Byte() * (op & 0x80 ? 16u : 1u)) & 4095;
			void *at = axb_ringbuf_reserve(ring, size);
			if (at != nullptr) {
				memset(at, op, size);
				model.push_back({at, size, op, 0});
			}
		} else if (op % 3 == 1 && !model.empty()) {
			Record &r = model[in->Byte() % model.size()];
			if (r.state == 0) {
				r.state = 1 + op % 2;
				(r.state == 1 ? axb_ringbuf_submit : axb_ringbuf_discard)(
					ring, r.at);
			}
		} else {
			ReadOne(ring, &model);
		}
		struct axb_ringbuf_stats s;
		axb_ringbuf_stats(ring, &s);
		uint64_t open = 0;
		for (const Record &r : model) {
			open += r.state == 0;
		}
		CHECK(s.attempts == s.submitted + s.discarded + s.dropped + open);
		CHECK(s.available_bytes <= s.ring_bytes);
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input in(data, size);
	switch (in.Byte() % 3) {
	case 0:
		Define(&in);
		break;
	case 1:
		Hash(&in);
		break;
	default:
		Ring(&in);
	}
	return 0;
}

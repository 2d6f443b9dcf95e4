/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Input: a byte that chooses architecture and kind of probe, then the text of fetch arguments. What
 * is refused is refused with a column inside the text and a reason. What is accepted runs: it reads
 * no register out of bounds (of a block of exactly their size), stays in its slots, and marks
 * what memory did not give.
 */
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "codegen/gen/contexts_gen.h"
#include "probes/fetch/fetch.h"

namespace
{

void Require(bool ok)
{
	if (!ok) {
		abort();
	}
}

bool Symbol(void * /*cookie*/, const char *name, uint64_t *address)
{
	*address = 0x1000;
	return name[0] == 's';
}

/* Every other kilobyte is there. */
bool Read(void *cookie, uint64_t address, void *to, size_t size)
{
	auto *reads = static_cast<uint32_t *>(cookie);
	Require(size >= 1 && size <= 8);
	++*reads;
	memset(to, static_cast<int>(address & 0x7f), size);
	return (address & 0x400) == 0;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0) {
		return 0;
	}
	const std::string text =
		std::string(reinterpret_cast<const char *>(data + 1), size - 1).c_str();
	const bool is_x86 = (data[0] & 1) != 0;
	const struct axb_fetch_target target = {is_x86 ? &axb_fetch_x86_64 : &axb_fetch_aarch64,
		(data[0] & 2) != 0, Symbol, nullptr};
	struct axb_fetch_error why = {};
	struct axb_fetch fetch;
	if (axb_fetch_parse(text.c_str(), &target, &fetch, &why) != AXB_OK) {
		Require(why.what[0] != '\0' && why.column <= text.size());
		return 0;
	}
	Require(fetch.count >= 1 && fetch.count <= AXB_EVENT_ARG_MAX);
	Require(fetch.slots >= fetch.count && fetch.slots <= AXB_EVENT_ARG_MAX);
	const std::vector<uint8_t> regs(
		is_x86 ? sizeof(struct axb_pt_regs_x86_64) : sizeof(struct axb_user_pt_regs), 0x41);
	struct axb_trace_event event = {};
	uint32_t reads = 0;
	axb_fetch_run(&fetch, regs.data(), Read, &reads, &event);
	Require(event.nr_args == fetch.slots && reads <= 24);
	for (uint32_t i = fetch.slots; i < AXB_EVENT_ARG_MAX; i++) {
		Require(event.args[i] == 0);
	}
	char buffer[256];
	struct axb_text out;
	axb_text_init(&out, buffer, sizeof(buffer));
	axb_fetch_describe(&fetch, &out);
	Require(!out.cut && buffer[0] == ' ');
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Input: a probe spec. What is refused is refused with a column inside the spec and a reason, and
 * leaves nothing attached; what is attached can be detached again.
 */
#include <cstdlib>
#include <string>
#include <vector>

#include "bpf/embedded.h"
#include "probes/control/control.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/fake/fake.h"
#include "runtime/init/init.h"
#include "runtime/trace/tracepoint.h"

namespace
{

const struct axb_probe_kind *const kinds[] = {&axb_probe_kind_tracepoint};

void Require(bool ok)
{
	if (!ok) {
		abort();
	}
}

axb_prog_id_t Start()
{
	static std::vector<uint8_t> memory((size_t)16 << 20);
	const struct axb_embedded_object *object = axb_embedded_find("exits");
	struct axb_config config = {};
	struct axb_load_error error;
	axb_object_id_t id = {0};
	axb_prog_id_t prog = {0};
	config.memory = memory.data();
	config.memory_size = memory.size();
	config.helpers = &axb_helpers_standard;
	Require(axb_init(&config, nullptr) == AXB_OK);
	axb_control_init(kinds, 1);
	Require(axb_object_load(axb_bytes_of(object->bytes, *object->size), "exits", &id, &error) ==
			AXB_OK &&
		axb_object_find_prog(id, "", &prog) == AXB_OK);
	return prog;
}

uint32_t AttachCount(axb_prog_id_t prog)
{
	struct axb_prog_info info;
	Require(axb_prog_info(prog, &info) == AXB_OK);
	return info.attach_count;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const axb_prog_id_t prog = Start();
	const std::string spec(reinterpret_cast<const char *>(data), size);
	const size_t length = spec.c_str() == nullptr ? 0 : std::string(spec.c_str()).size();
	struct axb_control_error why = {};
	uint32_t count = 0;
	const struct axb_control_config config = {prog, 0, false, nullptr};
	enum axb_status st = axb_control_attach(spec.c_str(), &config, &count, &why);
	if (st != AXB_OK) {
		Require(why.what[0] != '\0' && why.column <= length);
		Require(AttachCount(prog) == 0);
		return 0;
	}
	Require(count != 0 && AttachCount(prog) == count);
	Require(axb_control_detach(spec.c_str(), prog, &count, &why) == AXB_OK);
	Require(AttachCount(prog) == 0);
	return 0;
}

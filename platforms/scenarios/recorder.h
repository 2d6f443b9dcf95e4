/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What a scenario needs: all of axebpf on the fake hooks, and a stream that takes what the rings
 * hold when the scenario says so. Anything that does not work ends the process.
 */
#ifndef AXB_PLATFORMS_SCENARIOS_RECORDER_H_
#define AXB_PLATFORMS_SCENARIOS_RECORDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/event/stream.h"
#include "runtime/maps/map.h"
#include "runtime/prog/prog.h"

namespace axb
{

constexpr uint32_t kCpuCount = 2;

class Recorder
{
      public:
	explicit Recorder(uint32_t ring_events);
	~Recorder();
	Recorder(const Recorder &) = delete;
	Recorder &operator=(const Recorder &) = delete;

	/** Let tracepoints that match emit. */
	void Enable(const char *glob);
	/** Load an object of //bpf and attach its only program. */
	axb_object_id_t Attach(const char *object, const char *tracepoint);
	/** A map of a loaded object. */
	axb_map *Map(axb_object_id_t object, const char *name);
	/** Take what the rings hold. */
	void Drain();
	/** Take the records of a ring-buffer map. */
	void DrainMap(axb_map *map);
	/** Put bytes into the stream under a name. */
	void Payload(const char *name, const void *bytes, uint32_t size);
	/** End the stream properly. */
	void End();
	/** End it as a crash would: without statistics, @size bytes before what was written. */
	void Cut(size_t size)
	{
		stream_.resize(stream_.size() - size);
	}

	const std::string &stream() const
	{
		return stream_;
	}

      private:
	std::vector<uint8_t> memory_;
	axb_stream_writer writer_;
	std::string stream_;
};

struct Scenario {
	const char *name;
	uint32_t ring_events; // of each CPU
	void (*run)(Recorder &r);
};

extern const std::vector<Scenario> kScenarios;

} // namespace axb

#endif

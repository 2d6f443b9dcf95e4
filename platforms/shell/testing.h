/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf and its shell on the fake platform, for tests. One at a time.
 */
#ifndef AXB_PLATFORMS_SHELL_TESTING_H_
#define AXB_PLATFORMS_SHELL_TESTING_H_

#include <cstdlib>
#include <string>
#include <vector>

#include "platforms/shell/shell.h"
#include "probes/control/control.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/fake/fake.h"
#include "runtime/init/init.h"

class ShellFixture
{
      public:
	explicit ShellFixture(uint32_t ring_events = 1024) : memory_(kMemory)
	{
		axb_fake_reset();
		struct axb_config config = {};
		config.memory = memory_.data();
		config.memory_size = memory_.size();
		config.event.ring_events = ring_events;
		config.event.recent_events = 64;
		config.event.name_max = 256;
		config.helpers = &axb_helpers_standard;
		if (axb_init(&config, nullptr) != AXB_OK || axb_cpu_init() != AXB_OK) {
			abort();
		}
		static const struct axb_probe_kind *const kinds[] = {&axb_probe_kind_tracepoint};
		struct axb_shell_config shell = {};
		shell.write = &ShellFixture::Write;
		shell.read_file = &ShellFixture::ReadFile;
		shell.kinds = kinds;
		shell.kind_count = 1;
		shell.cookie = this;
		axb_shell_init(&shell);
	}
	~ShellFixture()
	{
		axb_deinit();
	}
	/** What the shell says to @line. */
	std::string Run(const std::string &line)
	{
		status = axb_shell_run(line.c_str());
		return TakeOutput();
	}
	std::string TakeOutput()
	{
		std::string taken;
		taken.swap(output_);
		return taken;
	}

	enum axb_status status = AXB_OK;
	/** What "trace load FILE" reads; empty = there is no file. */
	std::string file;

      private:
	static constexpr size_t kMemory = 4 << 20;

	static void Write(void *cookie, const char *text, size_t length)
	{
		static_cast<ShellFixture *>(cookie)->output_.append(text, length);
	}
	static bool ReadFile(void *cookie, const char *, struct axb_bytes *out)
	{
		ShellFixture *self = static_cast<ShellFixture *>(cookie);
		*out = axb_bytes_of(self->file.data(), self->file.size());
		return !self->file.empty();
	}

	std::vector<uint8_t> memory_;
	std::string output_;
};

#endif

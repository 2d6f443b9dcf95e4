/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * session SCRIPT OUT: runs the lines of a script through the shell on the fake platform and writes
 * what a terminal would show. A line "!rounds N" lets guests make N rounds of exits.
 */
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

#include "platforms/shell/testing.h"

#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.

static void Round(uint64_t i)
{
	axb_trace_vcpu_enter(1, 0, 0x40000000);
	axb_trace_vcpu_exit(1, 0, AXB_EXIT_HVC, 0x40000004, 0x5a000000, 1500 + i);
	axb_trace_hypercall_call(1, 0, 0xc6000001, i, 2, (int64_t)(i + 2));
	axb_trace_hyp_hyp_exit(1, 0, 4000);
	axb_trace_vcpu_exit(2, 0, AXB_EXIT_WFI, 0x40000010, 0x7e000000, UINT64_C(1) << (8 + i % 8));
	axb_trace_hyp_hyp_exit(2, 0, 700);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		std::cerr << "usage: session SCRIPT OUT\n";
		return 2;
	}
	std::ifstream script(argv[1]);
	ShellFixture shell;
	std::string out;
	for (std::string line; std::getline(script, line);) {
		out += "> " + line + "\n";
		if (line.rfind("!rounds ", 0) == 0) {
			for (uint64_t i = 0; i < std::stoull(line.substr(8)); i++) {
				Round(i);
			}
		} else {
			out += shell.Run(line);
		}
		axb_shell_poll();
		out += shell.TakeOutput();
	}
	std::ofstream(argv[2]) << out;
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Input: lines for the shell. All output must be whole lines of printable text.
 */
#include <cstdlib>
#include <string>

#include "platforms/shell/testing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static ShellFixture shell;
	std::string line;
	for (size_t i = 0; i < size; i++) {
		if (data[i] != '\n') {
			line += (char)data[i];
			continue;
		}
		std::string said = shell.Run(line);
		if (!said.empty() && said.back() != '\n') {
			abort();
		}
		line.clear();
	}
	shell.Run("trace stream off");
	return 0;
}

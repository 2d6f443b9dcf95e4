/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Input: three arguments of 8 bytes, then a format. Whatever it says, the text ends in the buffer,
 * and a refusal prints nothing. What is accepted and has no %s, %p or %c is what printf() makes of
 * it.
 */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "runtime/base/text.h"
#include "runtime/helpers/format.h"
#include "runtime/hooks/mem.h"

namespace
{

const char readable[] = "some text in the hypervisor";

bool IsForPrintf(const std::string &format)
{
	return format.find_first_of("spc") == std::string::npos && format.size() < 64 &&
	       format.find_first_of("0123456789") == std::string::npos;
}

} // namespace

bool axb_plat_copy_from(void *to, uint64_t from, size_t size)
{
	uint64_t at = from & 0xffff;
	if (at >= sizeof(readable) || size > sizeof(readable) - at) {
		return false;
	}
	memcpy(to, readable + at, size);
	return true;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t args[3];
	char buffer[200];
	axb_text text;
	if (size < sizeof(args)) {
		return 0;
	}
	memcpy(args, data, sizeof(args));
	/* A copy of its own, so that reading behind its end is seen. */
	std::string copy(reinterpret_cast<const char *>(data) + sizeof(args), size - sizeof(args));
	char *format = static_cast<char *>(malloc(copy.size() + 1));
	memcpy(format, copy.data(), copy.size());
	axb_text_init(&text, buffer, sizeof(buffer));
	int64_t result = axb_format(&text, format, copy.size(), args, 3);
	if (text.length >= sizeof(buffer) || buffer[text.length] != '\0' ||
		(result != 0 && text.length != 0)) {
		abort();
	}
	if (result == 0 && IsForPrintf(format)) {
		char want[1024];
		(void)snprintf(want, sizeof(want), format, args[0], args[1], args[2]);
		if (strncmp(want, buffer, sizeof(buffer) - 1) != 0) {
			abort();
		}
	}
	free(format);
	return 0;
}

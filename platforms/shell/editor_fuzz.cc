// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Any typed bytes: the line stays in its bounds and completions in theirs.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "platforms/shell/editor.h"

namespace
{

void Write(void *cookie, const char *, size_t size)
{
	*static_cast<size_t *>(cookie) += size;
}

void Run(void *, const char *line)
{
	if (strlen(line) >= EDITOR_LINE_MAX) {
		abort();
	}
}

// Offers what was typed before, so that words of any kind and length come back.
void Complete(void *, const char *before, editor_offers *offers)
{
	editor_offer(offers, before);
	editor_offer(offers, editor_offers_prefix(offers));
	editor_offer(offers, "word");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t written = 0;
	editor editor = {};
	editor.config = {"> ", Write, Run, Complete, &written};
	for (size_t i = 0; i < size; i++) {
		editor_key(&editor, static_cast<char>(data[i]));
		if (editor.cursor > editor.length || editor.length >= EDITOR_LINE_MAX) {
			abort();
		}
	}
	return 0;
}

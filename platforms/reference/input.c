/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/input.h"

#include <stddef.h>
#include <stdint.h>

#include "platforms/reference/console.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/package.h"
#include "platforms/reference/session.h"
#include "platforms/shell/editor.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define SCRIPT_SIZE 8192u
#define FILE_SIZE 0x40000u
#define PACED_LINE_MAX 256u
#define PROMPT "axebpf> "

bool input_read_file(const char *name, struct axb_bytes *out)
{
	static uint8_t file[FILE_SIZE] AXB_ALIGNED(8);
	if (package_get_file(session_package(), name, out)) {
		return true;
	}
	size_t size = machine_read_file(name, file, sizeof(file));
	*out = axb_bytes_of(file, size);
	return size > 0;
}

static void run_script_line(const char *text)
{
	console_puts(PROMPT);
	console_puts(text);
	console_puts("\n");
	session_run_line(text);
}

void input_run_script(const char *name)
{
	static char script[SCRIPT_SIZE];
	struct axb_bytes bytes;
	char *at = script;
	if (!input_read_file(name, &bytes) || bytes.size >= sizeof(script)) {
		panic("the script cannot be read, or is too long");
	}
	memcpy(script, bytes.data, bytes.size);
	script[bytes.size] = '\0';
	while (*at != '\0') {
		char *begin = at;
		while (*at != '\n' && *at != '\0') {
			at++;
		}
		if (*at == '\n') {
			*at++ = '\0';
		}
		run_script_line(begin);
	}
}

static struct axb_bytes paced; /* what of it has not run yet */

void input_pace_script(const char *name)
{
	if (!package_get_file(session_package(), name, &paced)) {
		panic("the paced script is not in the package");
	}
}

static void run_paced_line(void)
{
	static char line[PACED_LINE_MAX];
	size_t length = 0;
	while (length < paced.size && paced.data[length] != '\n') {
		length++;
	}
	if (length >= sizeof(line)) {
		panic("a line of the paced script is too long");
	}
	memcpy(line, paced.data, length);
	line[length] = '\0';
	length += length < paced.size;
	paced = axb_bytes_of(paced.data + length, paced.size - length);
	run_script_line(line);
}

static void editor_write(void *cookie, const char *bytes, size_t size)
{
	(void)cookie;
	console_write(bytes, size);
}

static void editor_run(void *cookie, const char *line)
{
	(void)cookie;
	session_run_line(line);
}

static void editor_complete(void *cookie, const char *before, struct editor_offers *offers)
{
	(void)cookie;
	session_complete(before, offers);
}

static struct editor editor = {
	.config = {.prompt = PROMPT,
		.write = editor_write,
		.run = editor_run,
		.complete = editor_complete},
};

void input_poll(void)
{
	char typed;
	char key;
	if (paced.size != 0) {
		run_paced_line();
	}
	while (machine_get(&typed)) {
		if (console_take(typed, &key)) {
			editor_key(&editor, key);
		}
	}
}

void input_prompt(void)
{
	editor_draw(&editor);
}

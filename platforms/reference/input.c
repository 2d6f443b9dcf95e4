/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/input.h"

#include <stddef.h>
#include <stdint.h>

#include "platforms/reference/console.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/package.h"
#include "platforms/reference/session.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define LINE_SIZE 256u
#define SCRIPT_SIZE 8192u
#define FILE_SIZE 0x40000u
#define PROMPT "axebpf> "
#define KEY_BACKSPACE '\b'
#define KEY_DELETE 0x7f

static char line[LINE_SIZE];
static size_t line_length;

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

/* A typed character: edit the line, run it when it is complete. */
static void take_key(char key)
{
	if (key == '\r' || key == '\n') {
		line[line_length] = '\0';
		line_length = 0;
		console_puts("\n");
		session_run_line(line);
		console_puts(PROMPT);
	} else if ((key == KEY_BACKSPACE || key == KEY_DELETE) && line_length > 0) {
		line_length--;
		console_puts("\b \b");
	} else if (key >= ' ' && key < KEY_DELETE && line_length + 1 < sizeof(line)) {
		line[line_length++] = key;
		console_write(&key, 1);
	}
}

void input_poll(void)
{
	char typed;
	char key;
	while (machine_get(&typed)) {
		if (console_take(typed, &key)) {
			take_key(key);
		}
	}
}

void input_prompt(void)
{
	console_puts(PROMPT);
}

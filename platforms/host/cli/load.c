/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/cli/load.h"

#include <stdlib.h>
#include <string.h>

#include "platforms/host/hooks.h"
#include "runtime/base/arena.h"
#include "runtime/base/text.h"
#include "runtime/helpers/helpers.h"

void *cli_memory(void)
{
	/* Zeroed, and taken from the system only as far as it is used. */
	void *memory = calloc(1, CLI_MEMORY_SIZE);
	if (memory == NULL) {
		cli_fail(CLI_ENVIRONMENT, "out of memory");
	}
	return memory;
}

enum cli_exit cli_init_prog(void)
{
	const struct axb_prog_config config = {
		.memory = cli_memory(),
		.memory_size = CLI_MEMORY_SIZE,
		.helpers = &axb_helpers_standard,
		.cpu_count = AXB_HOST_CPU_COUNT,
	};
	if (config.memory == NULL || axb_prog_init(&config) != AXB_OK) {
		return cli_fail(CLI_ENVIRONMENT, "the runtime cannot be initialized");
	}
	return CLI_OK;
}

enum cli_exit cli_parse_object(const char *path, uint8_t **bytes, const struct axb_object **object)
{
	struct axb_arena arena;
	struct axb_object *parsed = NULL;
	struct axb_object_error why;
	size_t size = 0;
	void *memory = cli_memory();
	*bytes = memory == NULL ? NULL : cli_read_file(path, &size);
	if (*bytes == NULL) {
		return CLI_ENVIRONMENT;
	}
	axb_arena_init(&arena, memory, CLI_MEMORY_SIZE);
	enum axb_status st = axb_object_parse(axb_bytes_of(*bytes, size), &arena, &parsed, &why);
	if (st != AXB_OK) {
		char text[256];
		struct axb_text t;
		axb_text_init(&t, text, sizeof(text));
		axb_object_explain(&why, &t);
		return cli_fail(CLI_REFUSED, "%s: %s", path, text);
	}
	*object = parsed;
	return CLI_OK;
}

enum cli_exit cli_read_raw(struct axb_insn **insns, uint32_t *insn_count)
{
	size_t text_size = 0;
	size_t size = 0;
	uint8_t *text = cli_read_file("-", &text_size);
	if (text == NULL) {
		return CLI_ENVIRONMENT;
	}
	uint8_t *bytes = cli_parse_hex((const char *)text, text_size, &size);
	free(text);
	if (bytes == NULL) {
		return cli_fail(CLI_REFUSED, "standard input is not bytes in hexadecimal");
	}
	if (size == 0 || size % sizeof(struct axb_insn) != 0 ||
		size / sizeof(struct axb_insn) > AXB_INSN_MAX) {
		free(bytes);
		return cli_fail(CLI_REFUSED, "%zu bytes are not 1 to %u instructions of 8 bytes",
			size, AXB_INSN_MAX);
	}
	*insns = (struct axb_insn *)(void *)bytes;
	*insn_count = (uint32_t)(size / sizeof(struct axb_insn));
	return CLI_OK;
}

bool cli_prog_type(const char *name, enum axb_prog_type *type)
{
	static const char *const names[AXB_PROG_TYPE_COUNT_] = {
		[AXB_PROG_TYPE_RAW] = "raw",
		[AXB_PROG_TYPE_TRACEPOINT] = "tracepoint",
		[AXB_PROG_TYPE_HPROBE] = "hprobe",
		[AXB_PROG_TYPE_HRETPROBE] = "hretprobe",
		[AXB_PROG_TYPE_KPROBE] = "kprobe",
		[AXB_PROG_TYPE_KRETPROBE] = "kretprobe",
	};
	for (int i = 0; i < AXB_PROG_TYPE_COUNT_; i++) {
		if (strcmp(names[i], name) == 0) {
			*type = (enum axb_prog_type)i;
			return true;
		}
	}
	return false;
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#define _DEFAULT_SOURCE
#include "platforms/host/cli/object.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime/base/nearest.h"
#include "runtime/base/types.h"

#define ARENA_SIZE ((size_t)256 << 20)

static const char *const type_names[AXB_PROG_TYPE_COUNT_] = {
	[AXB_PROG_TYPE_RAW] = "raw",
	[AXB_PROG_TYPE_TRACEPOINT] = "tracepoint",
	[AXB_PROG_TYPE_HPROBE] = "hprobe",
	[AXB_PROG_TYPE_HRETPROBE] = "hretprobe",
	[AXB_PROG_TYPE_KPROBE] = "kprobe",
	[AXB_PROG_TYPE_KRETPROBE] = "kretprobe",
};

const char *cli_prog_type_name(enum axb_prog_type type)
{
	return type_names[type];
}

bool cli_prog_type(const char *name, enum axb_prog_type *out)
{
	for (unsigned i = 0; i < AXB_PROG_TYPE_COUNT_; i++) {
		if (strcmp(type_names[i], name) == 0) {
			*out = (enum axb_prog_type)i;
			return true;
		}
	}
	return false;
}

bool cli_arena(struct axb_arena *out)
{
	void *memory = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		return false;
	}
	axb_arena_init(out, memory, ARENA_SIZE);
	return true;
}

enum cli_exit cli_parse_object(const struct cli_args *args, struct cli_object *out)
{
	const char *path = args->words[0];
	struct axb_object_error why;
	if (!cli_read_file(path, &out->file)) {
		return cli_fail(args, CLI_ENVIRONMENT, "%s: %s", path, strerror(errno));
	}
	if (!cli_arena(&out->arena)) {
		return cli_fail(args, CLI_ENVIRONMENT, "memory: %s", strerror(errno));
	}
	enum axb_status st =
		axb_object_parse(cli_bytes(out->file), &out->arena, &out->object, &why);
	if (st == AXB_ERR_NOMEM) {
		return cli_fail(args, CLI_ENVIRONMENT, "%s: %s", path, axb_status_text(st));
	}
	if (st != AXB_OK) {
		char buffer[256];
		struct axb_text text;
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_object_explain(&why, &text);
		return cli_fail(args, CLI_REFUSED, "%s: %s", path, buffer);
	}
	return CLI_DONE;
}

bool cli_is_chosen(const struct cli_args *args, const struct axb_object_prog *prog)
{
	const char *wanted = cli_value(args, "prog");
	return wanted == NULL || strcmp(wanted, prog->name) == 0;
}

enum cli_exit cli_check_choice(const struct cli_args *args, const struct axb_object *object)
{
	const char *wanted = cli_value(args, "prog");
	struct axb_nearest nearest;
	if (wanted == NULL) {
		return CLI_DONE;
	}
	axb_nearest_init(&nearest, wanted);
	for (uint32_t i = 0; i < object->prog_count; i++) {
		if (cli_is_chosen(args, &object->progs[i])) {
			return CLI_DONE;
		}
		axb_nearest_offer(&nearest, object->progs[i].name);
	}
	bool near = nearest.best[0] != '\0';
	return cli_fail(args, CLI_REFUSED, "%s has no program '%s'%s%s%s", args->words[0], wanted,
		near ? "; did you mean '" : "", nearest.best, near ? "'?" : "");
}

enum cli_exit cli_read_raw(
	const struct cli_args *args, const struct axb_insn **insns, uint32_t *insn_count)
{
	struct cli_buffer text;
	struct cli_buffer code;
	size_t bad;
	if (!cli_read_file("-", &text)) {
		return cli_fail(args, CLI_ENVIRONMENT, "stdin: %s", strerror(errno));
	}
	if (!cli_read_hex((const char *)text.data, text.size, &code, &bad)) {
		return cli_fail(
			args, CLI_REFUSED, "stdin: no pair of hex digits at offset %zu", bad);
	}
	if (code.size % sizeof(struct axb_insn) != 0) {
		return cli_fail(
			args, CLI_REFUSED, "stdin: %zu bytes are no whole instructions", code.size);
	}
	if (code.size / sizeof(struct axb_insn) > AXB_INSN_MAX) {
		return cli_fail(args, CLI_REFUSED, "stdin: more than %u instructions",
			(unsigned)AXB_INSN_MAX);
	}
	struct axb_insn *copy = cli_alloc(code.size);
	if (copy == NULL) {
		return cli_fail(args, CLI_ENVIRONMENT, "not enough memory");
	}
	memcpy(copy, code.data, code.size);
	*insns = copy;
	*insn_count = (uint32_t)(code.size / sizeof(struct axb_insn));
	return CLI_DONE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf dump: disassembly of an object's programs as they would be loaded.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platforms/host/cli/load.h"
#include "runtime/base/text.h"
#include "runtime/isa/disasm.h"

enum { PROG, JIT };

static const struct cli_option options[] = {
	[PROG] = {"prog", 0, "NAME", "only this program"},
	[JIT] = {"jit", 0, "x86_64|aarch64", "machine code (not in this build)"},
	{NULL, 0, NULL, NULL},
};

static void print_insn(
	const struct axb_object *object, const struct axb_object_prog *prog, uint32_t at)
{
	const struct axb_insn *insn = &prog->insns[at];
	uint64_t encoded;
	char text[128];
	struct axb_text t;
	axb_text_init(&t, text, sizeof(text));
	axb_insn_disasm(insn, &t);
	memcpy(&encoded, insn, sizeof(encoded));
	printf("%6u: %016" PRIx64 "  %s", at, encoded, text);
	unsigned src = axb_insn_src(*insn);
	if (axb_insn_slots(*insn) == 2 && (src == AXB_LDDW_MAP || src == AXB_LDDW_MAP_VALUE) &&
		(uint32_t)insn->imm < object->map_count) {
		printf("  ; map %s", object->maps[insn->imm].name);
	}
	puts("");
}

static void print_prog(const struct axb_object *object, const struct axb_object_prog *prog)
{
	printf("program %s (section %s, %u instructions)\n", prog->name, prog->section,
		prog->insn_count);
	for (uint32_t i = 0; i < prog->insn_count;) {
		uint32_t slots = axb_insn_slots(prog->insns[i]);
		if (i + slots > prog->insn_count) {
			printf("%6u: half of a wide instruction\n", i);
			return;
		}
		print_insn(object, prog, i);
		i += slots;
	}
	puts("");
}

static enum cli_exit run(const struct cli_args *args)
{
	const struct axb_object *object = NULL;
	uint8_t *bytes = NULL;
	uint32_t printed = 0;
	if (args->count != 1) {
		return cli_fail(CLI_USAGE, "dump takes one file");
	}
	if (args->given[JIT]) {
		return cli_fail(CLI_USAGE, "--jit: this build has no JIT");
	}
	enum cli_exit status = cli_parse_object(args->words[0], &bytes, &object);
	if (status != CLI_OK) {
		free(bytes);
		return status;
	}
	for (uint32_t i = 0; i < object->prog_count; i++) {
		if (!args->given[PROG] || strcmp(args->value[PROG], object->progs[i].name) == 0) {
			print_prog(object, &object->progs[i]);
			printed++;
		}
	}
	free(bytes);
	return printed != 0
		       ? CLI_OK
		       : cli_fail(CLI_REFUSED, "the object has no program '%s'", args->value[PROG]);
}

const struct cli_command cli_dump = {
	.name = "dump",
	.usage = "FILE.bpf.o [--prog NAME]",
	.help = "Print the instructions of programs, calls and maps resolved.",
	.options = options,
	.repeatable = -1,
	.run = run,
};

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf run: a program of an object, or raw instructions by the plug-in protocol of the public
 * bpf_conformance suite (program in hexadecimal on standard input, memory as argument, r0 out).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "platforms/host/cli/load.h"
#include "runtime/base/text.h"
#include "runtime/hooks/core.h"
#include "runtime/interp/interp.h"
#include "runtime/trace/tp_core.h"

enum { PROG, RAW, CTX, ENGINE, REPEAT };

static const struct cli_option options[] = {
	[PROG] = {"prog", 0, "NAME", "this program instead of the first"},
	[RAW] = {"raw", 0, NULL, "instructions as hexadecimal bytes on standard input"},
	[CTX] = {"ctx", 0, "FILE", "the context's bytes (default: zeros of the right size)"},
	[ENGINE] = {"engine", 0, "interp|jit", "interp is the checked interpreter"},
	[REPEAT] = {"repeat", 0, "N", "run N times (default 1)"},
	{NULL, 0, NULL, NULL},
};

/* Larger than every struct pt_regs. */
#define CTX_SIZE_DEFAULT 512u

/** A context: what r1 points to. */
struct context {
	uint8_t *bytes;
	size_t size;
};

static enum cli_exit load_error(const char *name, const struct axb_load_error *why)
{
	char text[256];
	struct axb_text t;
	axb_text_init(&t, text, sizeof(text));
	axb_load_explain(why, &t);
	return cli_fail(CLI_REFUSED, "%s: %s", name, text);
}

static enum cli_exit report_fault(const struct axb_run_fault *fault)
{
	return cli_fail(CLI_REFUSED, "fault at instruction %u: %s (address 0x%" PRIx64 ", size %u)",
		fault->insn, axb_run_result_text(fault->result), fault->address, fault->size);
}

static size_t default_ctx_size(const struct axb_prog_info *info)
{
	char name[AXB_NAME_MAX];
	if (info->type != AXB_PROG_TYPE_TRACEPOINT) {
		return info->type == AXB_PROG_TYPE_RAW ? 0 : CTX_SIZE_DEFAULT;
	}
	snprintf(name, sizeof(name), "%s", info->target);
	char *slash = strchr(name, '/');
	if (slash != NULL) {
		*slash = ':';
	}
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		if (strcmp(axb_tp_defs[i].name, name) == 0) {
			return axb_tp_defs[i].ctx_size;
		}
	}
	return CTX_SIZE_DEFAULT;
}

static enum cli_exit make_context(
	const struct cli_args *args, const struct axb_prog_info *info, struct context *out)
{
	if (args->given[CTX]) {
		out->bytes = cli_read_file(args->value[CTX], &out->size);
	} else {
		out->size = default_ctx_size(info);
		out->bytes = calloc(1, out->size + 1);
	}
	return out->bytes == NULL ? CLI_ENVIRONMENT : CLI_OK;
}

static enum cli_exit run_prog(struct axb_prog *prog, const struct context *context, bool writable,
	uint64_t repeat, uint64_t *r0, double *ns)
{
	struct axb_env env;
	uint64_t start_ns = axb_plat_time_ns();
	for (uint64_t i = 0; i < repeat; i++) {
		memset(&env, 0, sizeof(env));
		env.ctx = context->bytes;
		env.ctx_size = (uint32_t)context->size;
		env.ctx_writable = writable;
		(void)axb_prog_run(prog, &env);
		if (env.fault.result != AXB_RUN_OK) {
			return report_fault(&env.fault);
		}
	}
	*ns = (double)(axb_plat_time_ns() - start_ns) / (double)repeat;
	*r0 = env.r0;
	return CLI_OK;
}

static enum cli_exit run_raw(const struct cli_args *args)
{
	struct axb_load_error why;
	struct axb_insn *insns = NULL;
	uint32_t insn_count = 0;
	axb_object_id_t object;
	axb_prog_id_t id;
	struct axb_prog *prog = NULL;
	struct context memory = {NULL, 0};
	uint64_t r0 = 0;
	double ns = 0;
	if (args->count > 1) {
		return cli_fail(CLI_USAGE, "run --raw takes at most the memory in hexadecimal");
	}
	if (args->count == 1) {
		memory.bytes = cli_parse_hex(args->words[0], strlen(args->words[0]), &memory.size);
		if (memory.bytes == NULL) {
			return cli_fail(CLI_USAGE, "the memory is not bytes in hexadecimal");
		}
	}
	enum cli_exit status = cli_read_raw(&insns, &insn_count);
	if (status == CLI_OK) {
		status = cli_init_prog();
	}
	if (status != CLI_OK) {
		return status;
	}
	if (axb_object_load_raw(insns, insn_count, AXB_PROG_TYPE_RAW, "raw", &object, &why) !=
			AXB_OK ||
		axb_object_find_prog(object, "", &id) != AXB_OK ||
		axb_prog_get(id, &prog) != AXB_OK) {
		return load_error("refused", &why);
	}
	status = run_prog(prog, &memory, true, 1, &r0, &ns);
	if (status == CLI_OK) {
		printf("%" PRIx64 "\n", r0);
	}
	free(insns);
	free(memory.bytes);
	return status;
}

static enum cli_exit run_object(const struct cli_args *args, uint64_t repeat)
{
	struct axb_load_error why;
	struct axb_prog_info info;
	struct axb_prog *prog = NULL;
	struct context context = {NULL, 0};
	axb_object_id_t object;
	axb_prog_id_t id;
	uint64_t r0 = 0;
	double ns = 0;
	size_t size = 0;
	const char *name = args->given[PROG] ? args->value[PROG] : "";
	uint8_t *bytes = cli_read_file(args->words[0], &size);
	if (bytes == NULL || cli_init_prog() != CLI_OK) {
		return CLI_ENVIRONMENT;
	}
	if (axb_object_load(axb_bytes_of(bytes, size), args->words[0], &object, &why) != AXB_OK) {
		return load_error(args->words[0], &why);
	}
	if (axb_object_find_prog(object, name, &id) != AXB_OK ||
		axb_prog_get(id, &prog) != AXB_OK || axb_prog_info(id, &info) != AXB_OK) {
		return cli_fail(CLI_REFUSED, "the object has no program '%s'", name);
	}
	enum cli_exit status = make_context(args, &info, &context);
	if (status == CLI_OK) {
		status = run_prog(prog, &context, false, repeat, &r0, &ns);
	}
	if (status == CLI_OK) {
		printf("%s: r0 = 0x%" PRIx64 ", %.1f ns a run\n", info.name, r0, ns);
	}
	free(context.bytes);
	free(bytes);
	return status;
}

static enum cli_exit run(const struct cli_args *args)
{
	uint64_t repeat = 1;
	if (args->given[ENGINE] && strcmp(args->value[ENGINE], "interp") != 0) {
		return cli_fail(
			CLI_USAGE, "--engine %s: this build has only interp", args->value[ENGINE]);
	}
	if (args->given[REPEAT] &&
		(!cli_parse_number(args->value[REPEAT], UINT32_MAX, &repeat) || repeat == 0)) {
		return cli_fail(CLI_USAGE, "--repeat %s: not a number from 1 to 4294967295",
			args->value[REPEAT]);
	}
	if (args->given[RAW]) {
		return run_raw(args);
	}
	if (args->count != 1) {
		return cli_fail(CLI_USAGE, "run takes one file");
	}
	return run_object(args, repeat);
}

const struct cli_command cli_run = {
	.name = "run",
	.usage = "FILE.bpf.o [--prog NAME] [--ctx FILE] [--repeat N] | --raw [MEMHEX]",
	.help = "Run a program on the host in the checked interpreter and print r0.",
	.options = options,
	.repeatable = -1,
	.run = run,
};

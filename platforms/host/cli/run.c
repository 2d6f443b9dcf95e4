/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf run
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "codegen/gen/contexts_gen.h" // Generated.
#include "platforms/host/cli/object.h"
#include "platforms/shell/shell.h"
#include "runtime/base/mem.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/core.h"
#include "runtime/init/init.h"
#include "runtime/interp/interp.h"
#include "runtime/prog/prog.h"
#include "runtime/trace/tracepoint.h"

#define RUNTIME_SIZE ((size_t)64 << 20)
#define CONTEXT_MAX ((size_t)1 << 20)
/* No probe gives more than all registers. */
#define PROBE_CONTEXT_SIZE sizeof(struct axb_user_pt_regs)

static enum cli_exit report_fault(const struct cli_args *args, const struct axb_run_fault *fault)
{
	return cli_fail(args, CLI_REFUSED, "insn %u: %s (address or value 0x%" PRIx64 ", size %u)",
		fault->insn, axb_run_result_text(fault->result), fault->address, fault->size);
}

static enum cli_exit run_raw(const struct cli_args *args)
{
	struct axb_arena arena;
	struct axb_code code = {.type = AXB_PROG_TYPE_RAW, .helpers = &axb_helpers_standard};
	struct cli_buffer memory = {NULL, 0};
	const struct axb_checked *checked;
	const struct axb_interp *interp;
	struct axb_reject why;
	size_t bad;
	const char *hex = args->word_count > 0 ? args->words[0] : "";
	if (!cli_read_hex(hex, strlen(hex), &memory, &bad)) {
		return cli_usage(args, "MEMHEX: no pair of hex digits at offset %zu", bad);
	}
	enum cli_exit exit = cli_read_raw(args, &code.insns, &code.insn_count);
	if (exit != CLI_DONE) {
		return exit;
	}
	if (!cli_arena(&arena)) {
		return cli_fail(args, CLI_ENVIRONMENT, "memory: %s", strerror(errno));
	}
	enum axb_status st = axb_verify(&code, &arena, &checked, &why);
	if (st == AXB_ERR_REJECTED) {
		char buffer[256];
		struct axb_text text;
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_reject_explain(&why, &text);
		return cli_fail(args, CLI_REFUSED, "%s", buffer);
	}
	if (st != AXB_OK || axb_interp_create(checked, &arena, &interp) != AXB_OK) {
		return cli_fail(args, CLI_ENVIRONMENT, "not enough memory");
	}
	struct axb_env env = {
		.ctx = memory.size == 0 ? NULL : memory.data,
		.ctx_size = (uint32_t)memory.size,
		.ctx_writable = true,
		.prog_name = "raw",
	};
	if (axb_interp_run(interp, &env) != AXB_RUN_OK) {
		return report_fault(args, &env.fault);
	}
	printf("%" PRIx64 "\n", env.r0);
	return CLI_DONE;
}

static void write_text(void *cookie, const char *text, size_t length)
{
	(void)fwrite(text, 1, length, cookie);
}

static enum cli_exit start_runtime(const struct cli_args *args)
{
	void *memory = mmap(NULL, RUNTIME_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		return cli_fail(args, CLI_ENVIRONMENT, "memory: %s", strerror(errno));
	}
	const struct axb_config config = {
		.memory = memory,
		.memory_size = RUNTIME_SIZE,
		.helpers = &axb_helpers_standard,
	};
	struct axb_init_error why;
	enum axb_status st = axb_init(&config, &why);
	if (st == AXB_OK) {
		st = axb_cpu_init();
	}
	if (st != AXB_OK) {
		return cli_fail(args, CLI_ENVIRONMENT, "%s: %s", why.what, axb_status_text(st));
	}
	const struct axb_shell_config shell = {.write = write_text, .cookie = stdout};
	axb_shell_init(&shell);
	return CLI_DONE;
}

/* --set NAME=NUMBER, as often as it was given; the names are kept in @names. */
static enum cli_exit take_globals(const struct cli_args *args, char names[][AXB_NAME_MAX],
	struct axb_global *globals, uint32_t *count)
{
	const char *text;
	for (*count = 0; (text = cli_value_at(args, "set", *count)) != NULL; ++*count) {
		const char *equal = strchr(text, '=');
		size_t length = equal == NULL ? 0 : (size_t)(equal - text);
		if (length == 0 || length >= AXB_NAME_MAX ||
			!cli_number(equal + 1, &globals[*count].value)) {
			return cli_usage(args, "--set %s: not NAME=NUMBER", text);
		}
		memcpy(names[*count], text, length);
		names[*count][length] = '\0';
		globals[*count].name = names[*count];
	}
	return CLI_DONE;
}

static enum cli_exit load(const struct cli_args *args, struct axb_prog_info *out)
{
	static char names[CLI_GIVEN_MAX][AXB_NAME_MAX];
	struct axb_global globals[CLI_GIVEN_MAX];
	uint32_t global_count;
	struct cli_buffer file;
	struct axb_load_error why;
	axb_object_id_t object;
	axb_prog_id_t prog;
	const char *path = args->words[0];
	const char *name = cli_value(args, "prog");
	enum cli_exit exit = take_globals(args, names, globals, &global_count);
	if (exit != CLI_DONE) {
		return exit;
	}
	if (!cli_read_file(path, &file)) {
		return cli_fail(args, CLI_ENVIRONMENT, "%s: %s", path, strerror(errno));
	}
	enum axb_status st = axb_object_load_with(
		cli_bytes(file), "object", globals, global_count, &object, &why);
	if (st != AXB_OK) {
		char buffer[512];
		struct axb_text text;
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_load_explain(&why, &text);
		return cli_fail(args, st == AXB_ERR_NOMEM ? CLI_ENVIRONMENT : CLI_REFUSED, "%s: %s",
			path, buffer);
	}
	st = axb_object_find_prog(object, name == NULL ? "" : name, &prog);
	if (st != AXB_OK || axb_prog_info(prog, out) != AXB_OK) {
		return cli_fail(args, CLI_REFUSED, "%s has no program '%s'", path,
			name == NULL ? "" : name);
	}
	return CLI_DONE;
}

/* Bytes of the context that programs like this one get, and the tracepoint it is from. */
static uint32_t context_size(const struct axb_prog_info *info, struct axb_env *env)
{
	if (info->type != AXB_PROG_TYPE_TRACEPOINT) {
		return PROBE_CONTEXT_SIZE;
	}
	char name[AXB_NAME_MAX];
	uint32_t index;
	(void)axb_strcpy(name, sizeof(name), info->target);
	char *slash = strchr(name, '/');
	if (slash != NULL) {
		*slash = ':';
	}
	if (axb_tp_find(name, &index) != AXB_OK) {
		return sizeof(struct axb_tp_ctx_header);
	}
	env->tracepoint_id = axb_tp_def(index)->id;
	return axb_tp_def(index)->ctx_size;
}

static enum cli_exit make_context(
	const struct cli_args *args, const struct axb_prog_info *info, struct axb_env *env)
{
	const char *path = cli_value(args, "ctx");
	struct cli_buffer buffer = {NULL, context_size(info, env)};
	if (path != NULL && !cli_read_file(path, &buffer)) {
		return cli_fail(args, CLI_ENVIRONMENT, "%s: %s", path, strerror(errno));
	}
	if (buffer.size > CONTEXT_MAX) {
		return cli_fail(args, CLI_REFUSED, "%s: a context of %zu bytes", path, buffer.size);
	}
	if (path == NULL) {
		buffer.data = cli_alloc(buffer.size);
	}
	if (buffer.data == NULL) {
		return cli_fail(args, CLI_ENVIRONMENT, "not enough memory");
	}
	env->ctx = buffer.data;
	env->ctx_size = (uint32_t)buffer.size;
	return CLI_DONE;
}

static enum cli_exit run_times(const struct cli_args *args, const struct axb_prog_info *info,
	struct axb_env *env, uint64_t count)
{
	struct axb_prog *prog;
	if (axb_prog_get(info->id, &prog) != AXB_OK) {
		return cli_fail(args, CLI_ENVIRONMENT, "the program is gone");
	}
	uint64_t began_ns = axb_plat_time_ns();
	bool ok = true;
	for (uint64_t i = 0; ok && i < count; i++) {
		env->fault.result = AXB_RUN_OK;
		ok = axb_prog_run(prog, env) && env->fault.result == AXB_RUN_OK;
	}
	uint64_t took_ns = axb_plat_time_ns() - began_ns;
	axb_prog_put(prog);
	if (!ok) {
		return report_fault(args, &env->fault);
	}
	printf("%s: r0 = %" PRIu64 " (0x%" PRIx64 ")\n", info->name, env->r0, env->r0);
	printf("%" PRIu64 " %s, %.1f ns per run\n", count, count == 1 ? "run" : "runs",
		(double)took_ns / (double)count);
	return CLI_DONE;
}

static void print_maps(void)
{
	axb_map_id_t id = {0};
	struct axb_map_info info;
	while (axb_map_next(&id)) {
		char line[AXB_SHELL_LINE_MAX];
		if (axb_map_info(id, &info) == AXB_OK) {
			printf("map %s:\n", info.map->name);
			(void)snprintf(line, sizeof(line), "trace maps %s", info.map->name);
			(void)axb_shell_run(line);
		}
	}
}

static enum cli_exit run_object(const struct cli_args *args)
{
	struct axb_prog_info info = {.type = AXB_PROG_TYPE_RAW};
	struct axb_env env = {0};
	uint64_t count = 1;
	const char *repeat = cli_value(args, "repeat");
	if (repeat != NULL && (!cli_number(repeat, &count) || count == 0)) {
		return cli_usage(args, "--repeat %s: not a number from 1 on", repeat);
	}
	enum cli_exit exit = start_runtime(args);
	if (exit == CLI_DONE) {
		exit = load(args, &info);
	}
	if (exit == CLI_DONE) {
		exit = make_context(args, &info, &env);
	}
	if (exit == CLI_DONE) {
		exit = run_times(args, &info, &env, count);
	}
	if (exit == CLI_DONE && cli_has(args, "maps")) {
		print_maps();
	}
	return exit;
}

enum cli_exit cli_run(const struct cli_args *args)
{
	const char *engine = cli_value(args, "engine");
	bool raw = cli_has(args, "raw");
	if (engine != NULL && strcmp(engine, "jit") == 0) {
		return cli_fail(args, CLI_ENVIRONMENT, "--engine jit: there is no JIT yet");
	}
	if (engine != NULL && strcmp(engine, "interp") != 0) {
		return cli_usage(args, "there is no engine '%s' (interp jit)", engine);
	}
	if (!raw && args->word_count == 0) {
		return cli_usage(args, "which object?");
	}
	return raw ? run_raw(args) : run_object(args);
}

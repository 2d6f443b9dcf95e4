/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Loaded objects, programs and maps: load -> verify -> interpreter -> run, with ids, reference
 * counts and run counters. Handles are {index, generation}: one that outlived its object is an
 * error, never another object.
 */
#ifndef AXB_RUNTIME_PROG_PROG_H_
#define AXB_RUNTIME_PROG_PROG_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/bytes.h"
#include "runtime/base/limits.h"
#include "runtime/base/status.h"
#include "runtime/elf/global.h"
#include "runtime/elf/object.h"
#include "runtime/helpers/env.h"
#include "runtime/maps/map.h"
#include "runtime/verifier/verify.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Handle: index in bits 15:0, generation in bits 31:16; 0 is never valid. */
typedef struct {
	uint32_t value;
} axb_prog_id_t;
typedef struct {
	uint32_t value;
} axb_map_id_t;
typedef struct {
	uint32_t value;
} axb_object_id_t;

struct axb_prog;

struct axb_prog_config {
	void *memory; /**< for objects, maps and programs; page-aligned use inside */
	size_t memory_size;
	const struct axb_helper_table *helpers;
	uint32_t cpu_count;
};

/** Initialize. Context: boot, once (AXB_ERR_STATE after that, until axb_prog_deinit()). */
AXB_MUST_USE enum axb_status axb_prog_init(const struct axb_prog_config *config);

/** Forget everything. For tests and platforms that stop; nothing may be attached or running. */
void axb_prog_deinit(void);

enum axb_load_stage {
	AXB_LOAD_STAGE_NONE,
	AXB_LOAD_STAGE_OBJECT,
	AXB_LOAD_STAGE_MAP,
	AXB_LOAD_STAGE_VERIFY,
	AXB_LOAD_STAGE_MEMORY,
	AXB_LOAD_STAGE_GLOBAL
};

/** Which stage refused a load, and its own error. */
struct axb_load_error {
	enum axb_status status;
	enum axb_load_stage stage;
	char name[AXB_NAME_MAX]; /**< the program, map or variable concerned */
	struct axb_object_error object;
	struct axb_map_error map;
	struct axb_reject reject;
};

void axb_load_explain(const struct axb_load_error *error, struct axb_text *out);

/**
 * Load an ELF object: all its maps and programs, or nothing.
 *
 * Context: thread. @elf is not needed afterwards. @name (cut to AXB_NAME_MAX) is for listings.
 * @return AXB_OK; AXB_ERR_LIMIT; AXB_ERR_NOMEM; else what the stage in @why returned.
 */
AXB_MUST_USE enum axb_status axb_object_load(
	struct axb_bytes elf, const char *name, axb_object_id_t *out, struct axb_load_error *why);

/**
 * As axb_object_load(), with other initial values for @count global variables: how the settings
 * (`const volatile`) of a program are chosen.
 * @return also what axb_object_set_global() returns, at AXB_LOAD_STAGE_GLOBAL.
 */
AXB_MUST_USE enum axb_status axb_object_load_with(struct axb_bytes elf, const char *name,
	const struct axb_global *globals, uint32_t count, axb_object_id_t *out,
	struct axb_load_error *why);

/** Load raw instructions as an object with one program "raw" of type @type and no maps. */
AXB_MUST_USE enum axb_status axb_object_load_raw(const struct axb_insn *insns, uint32_t insn_count,
	enum axb_prog_type type, const char *name, axb_object_id_t *out,
	struct axb_load_error *why);

/**
 * Unload an object with its programs and maps.
 * @return AXB_OK; AXB_ERR_STALE; AXB_ERR_BUSY (a program of it is attached or running, or a map is
 *   held).
 */
AXB_MUST_USE enum axb_status axb_object_unload(axb_object_id_t id);

/** Program @name of an object; "" = its only or first one. AXB_ERR_NOT_FOUND, AXB_ERR_STALE. */
AXB_MUST_USE enum axb_status axb_object_find_prog(
	axb_object_id_t object, const char *name, axb_prog_id_t *out);
AXB_MUST_USE enum axb_status axb_object_find_map(
	axb_object_id_t object, const char *name, axb_map_id_t *out);

/** Numbers of a program. Law: runs = every started run; faults is the part that faulted. */
struct axb_prog_info {
	axb_prog_id_t id;
	axb_object_id_t object;
	char name[AXB_NAME_MAX];
	char object_name[AXB_NAME_MAX];
	char section[AXB_NAME_MAX];
	enum axb_prog_type type;
	char target[AXB_NAME_MAX];
	uint32_t insn_count;
	uint32_t map_count;
	uint32_t attach_count;
	uint64_t runs;
	uint64_t faults;
	uint64_t missed; /**< not run because it, or another, ran on this CPU already */
	struct axb_run_fault last_fault; /**< of any CPU; result AXB_RUN_OK = none yet */
};
AXB_MUST_USE enum axb_status axb_prog_info(axb_prog_id_t id, struct axb_prog_info *out);

struct axb_map_info {
	axb_map_id_t id;
	axb_object_id_t object;
	char object_name[AXB_NAME_MAX];
	struct axb_map *map; /**< valid while the object is loaded */
};
AXB_MUST_USE enum axb_status axb_map_info(axb_map_id_t id, struct axb_map_info *out);

/**
 * Iterate over what is loaded, in order of index: start with *@id = {0}.
 * @return false at the end. Context: thread.
 */
bool axb_prog_next(axb_prog_id_t *id);
bool axb_map_next(axb_map_id_t *id);
bool axb_object_next(axb_object_id_t *id);

/** Take a reference so that the program can be attached; it cannot be unloaded until put. */
AXB_MUST_USE enum axb_status axb_prog_get(axb_prog_id_t id, struct axb_prog **out);
void axb_prog_put(struct axb_prog *prog);
axb_prog_id_t axb_prog_id(const struct axb_prog *prog);

/**
 * A section in which a program that was found attached stays loaded: look programs up and run them
 * between begin and end. Sections nest. Context: any.
 */
void axb_prog_read_begin(void);
void axb_prog_read_end(void);

/**
 * Run a program that is referenced (attached). One program at a time per CPU: a nested run is
 * counted as missed and not executed.
 *
 * Context: any.
 * @return false when it was missed.
 */
bool axb_prog_run(struct axb_prog *prog, struct axb_env *env);
/** The same when this CPU is known to be @cpu_id. */
bool axb_prog_run_on(struct axb_prog *prog, struct axb_env *env, uint32_t cpu_id);

/**
 * Wait until no CPU is inside a section (axb_prog_read_begin()) that began before the call, so that
 * what was detached can be freed. Context: thread, not inside a section.
 */
void axb_prog_synchronize(void);

#ifdef __cplusplus
}
#endif

#endif

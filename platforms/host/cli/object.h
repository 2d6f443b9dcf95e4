/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Programs for the commands that look at them without loading them into the runtime.
 */
#ifndef AXB_PLATFORMS_HOST_CLI_OBJECT_H_
#define AXB_PLATFORMS_HOST_CLI_OBJECT_H_

#include "platforms/host/cli/cli.h"
#include "runtime/base/arena.h"
#include "runtime/elf/object.h"
#include "runtime/verifier/verify.h"

/** Memory of the whole command; pages are taken as they are touched. */
bool cli_arena(struct axb_arena *out);

/** A parsed object and what it was parsed from. */
struct cli_object {
	struct cli_buffer file;
	struct axb_arena arena; /**< has room for more */
	struct axb_object *object;
};

/** Parse the object args->words[0]; what fails is said. */
enum cli_exit cli_parse_object(const struct cli_args *args, struct cli_object *out);

/** Is @prog chosen by --prog? */
bool cli_is_chosen(const struct cli_args *args, const struct axb_object_prog *prog);

/** CLI_DONE when --prog is missing or names a program of @object; else that is said. */
enum cli_exit cli_check_choice(const struct cli_args *args, const struct axb_object *object);

/** Name of a program type. */
const char *cli_prog_type_name(enum axb_prog_type type);
/** False when @name is none. */
bool cli_prog_type(const char *name, enum axb_prog_type *out);

/** Instructions as hex bytes from stdin; what is wrong is said. */
enum cli_exit cli_read_raw(
	const struct cli_args *args, const struct axb_insn **insns, uint32_t *insn_count);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Loading for check, run and dump.
 */
#ifndef AXB_PLATFORMS_HOST_CLI_LOAD_H_
#define AXB_PLATFORMS_HOST_CLI_LOAD_H_

#include "platforms/host/cli/cli.h"
#include "runtime/elf/object.h"
#include "runtime/prog/prog.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Memory for objects, maps and programs of one command. */
#define CLI_MEMORY_SIZE ((size_t)256 << 20)

/** Zeroed memory of CLI_MEMORY_SIZE bytes; NULL, said on stderr, when there is none. */
void *cli_memory(void);

/** axb_prog_init() with all standard helpers. */
enum cli_exit cli_init_prog(void);

/** Read and parse an object without loading it; *@bytes must be freed after @object. */
enum cli_exit cli_parse_object(const char *path, uint8_t **bytes, const struct axb_object **object);

/** Instructions as hexadecimal bytes on standard input; to be freed. */
enum cli_exit cli_read_raw(struct axb_insn **insns, uint32_t *insn_count);

/** Type called @name ("tracepoint"); false when there is none. */
bool cli_prog_type(const char *name, enum axb_prog_type *type);

#ifdef __cplusplus
}
#endif

#endif

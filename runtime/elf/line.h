/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Source lines of programs, for whoever explains a rejection to a person. The bytes are untrusted.
 * Pure; context: thread. Ref: Linux Documentation/bpf/btf.rst section 4.
 */
#ifndef AXB_RUNTIME_ELF_LINE_H_
#define AXB_RUNTIME_ELF_LINE_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/bytes.h"
#include "runtime/elf/object.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Texts point into the object's bytes and may hold anything but NUL. */
struct axb_source_line {
	const char *file;
	const char *text;
	uint32_t line;
	uint32_t column;
};

/**
 * The source line of instruction @insn of @prog, which axb_object_parse() found in @elf.
 * @return false when the object does not say (no .BTF.ext, or a damaged one).
 */
bool axb_object_source_line(struct axb_bytes elf, const struct axb_object_prog *prog, uint32_t insn,
	struct axb_arena *arena, struct axb_source_line *out);

#ifdef __cplusplus
}
#endif

#endif

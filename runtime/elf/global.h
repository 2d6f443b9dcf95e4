/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Initial values of an object's global variables, set before it is loaded: how a program's
 * `const volatile` settings are chosen.
 */
#ifndef AXB_RUNTIME_ELF_GLOBAL_H_
#define AXB_RUNTIME_ELF_GLOBAL_H_

#include <stdint.h>

#include "runtime/elf/object.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a global variable is to begin with. */
struct axb_global {
	const char *name;
	uint64_t value; /**< little endian in the variable's 1, 2, 4 or 8 bytes */
};

/**
 * Set a variable in the contents of @object, which axb_object_parse() made of @elf in @arena.
 *
 * Context: boot, thread. The bytes of @elf stay as they are.
 * @return AXB_OK; AXB_ERR_NOT_FOUND (no such variable in a data section); AXB_ERR_UNSUPPORTED (it
 *   has another size); AXB_ERR_ARG (the value does not fit); AXB_ERR_FORMAT (it lies outside of its
 *   section); AXB_ERR_NOMEM.
 */
AXB_MUST_USE enum axb_status axb_object_set_global(struct axb_object *object, struct axb_bytes elf,
	const struct axb_global *global, struct axb_arena *arena);

#ifdef __cplusplus
}
#endif

#endif

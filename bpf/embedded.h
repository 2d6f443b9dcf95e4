/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The objects of this folder as they are linked into a platform. Read-only data; any context.
 */
#ifndef AXB_BPF_EMBEDDED_H_
#define AXB_BPF_EMBEDDED_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct axb_embedded_object {
	const char *name;        /**< "exits" */
	const char *description; /**< one line */
	const uint8_t *bytes;    /**< the .bpf.o */
	const size_t *size;
};

extern const struct axb_embedded_object axb_embedded_objects[];
extern const uint32_t axb_embedded_object_count;

/** The object called @name; NULL when there is none. */
const struct axb_embedded_object *axb_embedded_find(const char *name);

#ifdef __cplusplus
}
#endif

#endif

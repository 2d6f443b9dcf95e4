/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The maps that an object defines: BTF-defined ones in .maps, and its data sections.
 */
#ifndef AXB_RUNTIME_ELF_MAPS_H_
#define AXB_RUNTIME_ELF_MAPS_H_

#include "runtime/elf/btf.h"
#include "runtime/elf/file.h"
#include "runtime/elf/link.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Read all maps, first those of .maps in the order of their symbols, then the data sections.
 * @param btf  NULL when the object has none.
 * @param places  one for each map.
 */
AXB_MUST_USE enum axb_status axb_elf_read_maps(const struct axb_elf_file *file,
	const struct axb_btf *btf, struct axb_arena *arena, struct axb_object *object,
	struct axb_elf_map_place **places);

#ifdef __cplusplus
}
#endif

#endif

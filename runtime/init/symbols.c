/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Initialization with the symbols of the image.
 */
#include "runtime/init/internal.h"
#include "runtime/sym/sym.h"

enum axb_status axb_init_with_symbols(const struct axb_config *config, struct axb_bytes blob,
	uint64_t stext, uint64_t etext, struct axb_init_error *why)
{
	if (init_state.clear_symbols != NULL) {
		bool same = init_state.blob.data == blob.data &&
			    init_state.blob.size == blob.size && init_state.stext == stext &&
			    init_state.etext == etext;
		return same ? axb_init(config, why)
			    : init_refuse(why, AXB_ERR_STATE, "other symbols are in use", 0);
	}
	enum axb_status st = axb_sym_set_self(blob, stext, etext);
	if (st != AXB_OK) {
		return init_refuse(why, st, "symbols", 0);
	}
	st = axb_init(config, why);
	if (st != AXB_OK) {
		axb_sym_clear_self();
		return st;
	}
	init_state.clear_symbols = axb_sym_clear_self;
	init_state.blob = blob;
	init_state.stext = stext;
	init_state.etext = etext;
	return AXB_OK;
}

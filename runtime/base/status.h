/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Status codes of the whole runtime. A function that can fail returns enum axb_status and writes
 * its out-parameters only on AXB_OK. Pure; any context.
 */
#ifndef AXB_RUNTIME_BASE_STATUS_H_
#define AXB_RUNTIME_BASE_STATUS_H_

#ifdef __cplusplus
extern "C" {
#endif

#define AXB_MUST_USE __attribute__((warn_unused_result))

/** Outcome of a call; see status.def for the guarantee of each. */
enum axb_status {
#define AXB_X(name, text) AXB_##name,
#include "runtime/base/status.def"
#undef AXB_X
	AXB_STATUS_COUNT_
};

/** The enumerator's name ("AXB_ERR_BUSY"); "AXB_STATUS_?" for a value outside the enum. */
const char *axb_status_name(enum axb_status status);

/** The guarantee that status.def states; "" for a value outside the enum. */
const char *axb_status_text(enum axb_status status);

/** Return early when @expr is not AXB_OK. Use it only where nothing is held. */
#define AXB_TRY(expr)                                                                              \
	do {                                                                                       \
		enum axb_status st_try_ = (expr);                                                  \
		if (st_try_ != AXB_OK) {                                                           \
			return st_try_;                                                            \
		}                                                                                  \
	} while (0)

#ifdef __cplusplus
}
#endif

#endif

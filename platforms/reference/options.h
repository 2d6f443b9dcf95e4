/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The command line: "key=value" words separated by spaces. Pure.
 */
#ifndef AXB_PLATFORMS_REFERENCE_OPTIONS_H_
#define AXB_PLATFORMS_REFERENCE_OPTIONS_H_

#include <stdint.h>

#include "runtime/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct options {
	uint64_t tick_us;   /**< tick_us=N: length of the hypervisor's tick */
	uint64_t stay;      /**< stay=1: go on with the shell when all guests have stopped */
	const char *script; /**< script=FILE: shell lines before the guests start, or NULL */
	const char *finish; /**< finish=FILE: shell lines after they have stopped, or NULL */
	/** paced=FILE: shell lines while they run, one at each look at the keys, or NULL */
	const char *paced;
	const char *stream; /**< stream=FILE: where the events go, or NULL */
	uint64_t console;   /**< console=N: VM that has the serial line at first; 0 = the shell */
};

/**
 * Parse @line in place: words become strings in @line, which @out then points into. What @line does
 * not name keeps its default.
 * @param bad on error the word that was refused
 * @return AXB_OK; AXB_ERR_ARG (an unknown key, or not a number).
 */
AXB_MUST_USE enum axb_status options_parse(char *line, struct options *out, const char **bad);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The command line: "key=value" words separated by spaces. Pure.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_OPTIONS_H_
#define AXB_PLATFORMS_X86_64_QEMU_OPTIONS_H_

#include <stdint.h>

#include "runtime/base/status.h"

struct options {
	uint64_t tick_us;   /**< tick_us=N: length of the hypervisor's tick */
	uint64_t stay;      /**< stay=1: go on with the shell when all guests have stopped */
	const char *script; /**< script=FILE: shell lines before the guests start, or NULL */
	const char *finish; /**< finish=FILE: shell lines after they have stopped, or NULL */
	const char *stream; /**< stream=FILE: where the events go, or NULL */
};

/**
 * Parse @line in place: words become strings in @line, which @out then points into. What @line does
 * not name keeps its default.
 * @param bad on error the word that was refused
 * @return AXB_OK; AXB_ERR_ARG (an unknown key, or not a number).
 */
AXB_MUST_USE enum axb_status options_parse(char *line, struct options *out, const char **bad);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/x86_64/pvh.h"

#include <stdint.h>

#include "runtime/base/mem.h"

#define START_INFO_MAGIC 0x336ec578u

struct hvm_start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules_pa;
	uint64_t command_line_pa;
};

extern uint32_t boot_start_info; /* boot.S */

bool pvh_command_line(char *to, size_t size)
{
	const struct hvm_start_info *info = (const void *)(uint64_t)boot_start_info;
	to[0] = '\0';
	if (info == NULL || info->magic != START_INFO_MAGIC || info->command_line_pa == 0) {
		return true;
	}
	return axb_strcpy(to, size, (const char *)info->command_line_pa);
}

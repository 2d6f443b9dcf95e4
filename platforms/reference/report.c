/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/report.h"

#include "platforms/reference/console.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/package.h"
#include "platforms/reference/session.h"
#include "runtime/base/text.h"

#define COLUMN 12

static void put_line(struct axb_text *text)
{
	axb_text_char(text, '\n');
	console_write(text->buffer, text->length);
}

static void report_state(uint16_t id)
{
	struct vm_info info;
	char buffer[160];
	struct axb_text text;
	machine_vm_info(id, &info);
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, "vm");
	axb_text_u64(&text, id);
	axb_text_str(&text, " (");
	axb_text_str(&text, package_get_vm(session_package(), id)->name);
	if (info.state == VM_STOPPED) {
		axb_text_str(&text,
			info.status == 0 ? ") stopped, all well" : ") stopped, errors seen: ");
		if (info.status != 0) {
			axb_text_u64(&text, info.status);
		}
	} else {
		axb_text_str(&text, info.failure != NULL ? ") failed: " : ") off");
		axb_text_str(&text, info.failure != NULL ? info.failure : "");
	}
	put_line(&text);
}

static void report_exits(uint16_t id)
{
	for (uint32_t reason = 0; reason < machine_exit_reasons(); reason++) {
		uint64_t count = 0;
		for (uint32_t vcpu = 0; vcpu < package_get_vm(session_package(), id)->vcpu_count;
			vcpu++) {
			count += machine_vm_exits(id, vcpu, reason);
		}
		char buffer[80];
		struct axb_text text;
		if (count == 0) {
			continue;
		}
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_text_str(&text, "  ");
		axb_text_field(&text, machine_exit_reason_name(reason), COLUMN);
		axb_text_u64_field(&text, count, -COLUMN);
		put_line(&text);
	}
}

void report_vms(void)
{
	for (uint16_t id = 1; id <= session_package()->vm_count; id++) {
		report_state(id);
		report_exits(id);
	}
}

bool report_all_well(void)
{
	for (uint16_t id = 1; id <= session_package()->vm_count; id++) {
		struct vm_info info;
		machine_vm_info(id, &info);
		if (info.state == VM_FAILED || info.status != 0) {
			return false;
		}
	}
	return true;
}

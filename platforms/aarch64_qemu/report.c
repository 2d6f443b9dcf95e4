/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/report.h"

#include "platforms/aarch64_qemu/console.h"
#include "runtime/base/text.h"

#define COLUMN 12

static void put_line(struct axb_text *text)
{
	axb_text_char(text, '\n');
	console_write(text->buffer, text->length);
}

static void report_state(const struct vm *vm)
{
	char buffer[160];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, "vm");
	axb_text_u64(&text, vm->id);
	axb_text_str(&text, " (");
	axb_text_str(&text, vm->name);
	if (vm_state(vm) == VM_STOPPED) {
		axb_text_str(&text,
			vm->status == 0 ? ") stopped, all well" : ") stopped, errors seen: ");
		if (vm->status != 0) {
			axb_text_u64(&text, vm->status);
		}
	} else {
		axb_text_str(&text, ") failed: ");
		axb_text_str(&text, vm->failure);
	}
	put_line(&text);
}

static void report_exits(const struct vm *vm)
{
	for (int reason = 0; reason < EXIT_COUNT_; reason++) {
		uint64_t count = vm->vcpu.exit_count[reason];
		char buffer[80];
		struct axb_text text;
		if (count == 0) {
			continue;
		}
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_text_str(&text, "  ");
		axb_text_field(&text, exit_reason_name((enum exit_reason)reason), COLUMN);
		axb_text_u64_field(&text, count, -COLUMN);
		put_line(&text);
	}
}

void report_vms(const struct vm *vms, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		report_state(&vms[i]);
		report_exits(&vms[i]);
	}
}

bool report_all_well(const struct vm *vms, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (vm_state(&vms[i]) != VM_STOPPED || vms[i].status != 0) {
			return false;
		}
	}
	return true;
}

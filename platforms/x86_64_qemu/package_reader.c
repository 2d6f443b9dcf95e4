/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/package_reader.h"

#include "runtime/base/mem.h"

static const struct package_header *header;

uint64_t package_init(uint64_t base)
{
	header = (const struct package_header *)base;
	return header->magic == PACKAGE_MAGIC ? header->size : 0;
}

uint32_t package_vm_count(void)
{
	return header->vm_count;
}

const struct package_vm *package_vm(uint16_t id)
{
	return (const struct package_vm *)((uint64_t)header + header->vms_offset) + (id - 1);
}

struct axb_bytes package_bytes(uint64_t offset, uint64_t size)
{
	return axb_bytes_of((const void *)((uint64_t)header + offset), size);
}

struct axb_bytes package_file_bytes(const char *name)
{
	const struct package_file *files = (const void *)((uint64_t)header + header->files_offset);
	for (uint32_t i = 0; i < header->file_count; i++) {
		if (axb_streq(files[i].name, name)) {
			return package_bytes(files[i].offset, files[i].size);
		}
	}
	return axb_bytes_of(NULL, 0);
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/package.h"

#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define ALIGNMENT 8u
#define RAM_ALIGNMENT UINT64_C(0x200000)

AXB_STATIC_ASSERT(sizeof(struct package_header) == 48, "as package.py writes it");
AXB_STATIC_ASSERT(sizeof(struct package_vm) == 336, "as package.py writes it");
AXB_STATIC_ASSERT(sizeof(struct package_file) == 48, "as package.py writes it");

static enum axb_status refuse(const char **why, enum axb_status status, const char *what)
{
	*why = what;
	return status;
}

static bool is_name(const char name[PACKAGE_NAME_SIZE])
{
	size_t length = axb_strnlen(name, PACKAGE_NAME_SIZE);
	return length != 0 && length < PACKAGE_NAME_SIZE;
}

/* Is the table of @count entries of @size bytes at @offset inside, and aligned? */
static bool is_table(struct axb_bytes bytes, uint64_t offset, uint64_t count, uint64_t size)
{
	return offset % ALIGNMENT == 0 && axb_bytes_has(bytes, offset, count * size);
}

static bool is_in_ram(const struct package_vm *vm, uint64_t gpa, uint64_t size)
{
	uint64_t offset = gpa - vm->ram_base;
	return gpa >= vm->ram_base && offset <= vm->ram_size && size <= vm->ram_size - offset;
}

static const char *check_ram(const struct package_vm *vm)
{
	if (vm->ram_base % RAM_ALIGNMENT != 0 || vm->ram_size % RAM_ALIGNMENT != 0 ||
		vm->ram_size == 0 || vm->ram_size > UINT64_MAX - vm->ram_base) {
		return "RAM of a VM is not in units of 2 MiB";
	}
	return is_in_ram(vm, vm->entry, 1) ? NULL : "the entry of a VM is not in its RAM";
}

static const char *check_vm(struct axb_bytes bytes, const struct package_vm *vm)
{
	if (!is_name(vm->name)) {
		return "a VM has no proper name";
	}
	if (vm->vcpu_count == 0 || vm->vcpu_count > PACKAGE_VCPUS_MAX) {
		return "a VM has no vCPU, or too many";
	}
	const char *why = check_ram(vm);
	if (why != NULL) {
		return why;
	}
	if (!axb_bytes_has(bytes, vm->symbols_offset, vm->symbols_size) ||
		!axb_bytes_has(bytes, vm->command_line_offset, vm->command_line_size)) {
		return "symbols or command line of a VM lie outside";
	}
	if (vm->piece_count > PACKAGE_PIECES_MAX) {
		return "a VM has too many pieces";
	}
	for (uint32_t i = 0; i < vm->piece_count; i++) {
		const struct package_piece *piece = &vm->pieces[i];
		if (!axb_bytes_has(bytes, piece->offset, piece->size)) {
			return "a piece of a VM lies outside of the package";
		}
		if (!is_in_ram(vm, piece->gpa, piece->size)) {
			return "a piece of a VM lies outside of its RAM";
		}
	}
	return NULL;
}

static const char *check_vms(const struct package *package)
{
	for (uint32_t i = 0; i < package->vm_count; i++) {
		const char *why = check_vm(package->bytes, &package->vms[i]);
		for (uint32_t k = 0; k < i && why == NULL; k++) {
			if (axb_streq(package->vms[k].name, package->vms[i].name)) {
				why = "two VMs have the same name";
			}
		}
		if (why != NULL) {
			return why;
		}
	}
	return NULL;
}

static const char *check_files(const struct package *package)
{
	for (uint32_t i = 0; i < package->file_count; i++) {
		const struct package_file *file = &package->files[i];
		if (!is_name(file->name)) {
			return "a file has no proper name";
		}
		if (!axb_bytes_has(package->bytes, file->offset, file->size)) {
			return "a file lies outside";
		}
		for (uint32_t k = 0; k < i; k++) {
			if (axb_streq(package->files[k].name, file->name)) {
				return "two files have the same name";
			}
		}
	}
	return NULL;
}

enum axb_status package_open(struct axb_bytes bytes, struct package *out, const char **why)
{
	struct package_header header;
	memset(out, 0, sizeof(*out));
	if (!axb_bytes_read(bytes, 0, &header, sizeof(header)) || header.magic != PACKAGE_MAGIC) {
		return refuse(why, AXB_ERR_NOT_FOUND, "there is no VM package");
	}
	if (header.size < sizeof(header) || header.size > bytes.size) {
		return refuse(why, AXB_ERR_TRUNCATED, "it ends before the size that it says");
	}
	bytes.size = header.size;
	if (header.vm_count > PACKAGE_VMS_MAX || header.file_count > PACKAGE_FILES_MAX) {
		return refuse(why, AXB_ERR_FORMAT, "it has too many VMs or files");
	}
	if (!is_table(bytes, header.vms_offset, header.vm_count, sizeof(struct package_vm)) ||
		!is_table(bytes, header.files_offset, header.file_count,
			sizeof(struct package_file))) {
		return refuse(why, AXB_ERR_FORMAT, "a table lies outside or is not aligned");
	}
	*out = (struct package){
		.bytes = bytes,
		.vm_count = (uint16_t)header.vm_count,
		.file_count = header.file_count,
		.vms = (const void *)(bytes.data + header.vms_offset),
		.files = (const void *)(bytes.data + header.files_offset),
	};
	const char *wrong = check_vms(out);
	wrong = wrong != NULL ? wrong : check_files(out);
	return wrong == NULL ? AXB_OK : refuse(why, AXB_ERR_FORMAT, wrong);
}

const struct package_vm *package_get_vm(const struct package *package, uint16_t id)
{
	return &package->vms[id - 1];
}

struct axb_bytes package_bytes(const struct package *package, uint64_t offset, uint64_t size)
{
	return axb_bytes_of(package->bytes.data + offset, size);
}

bool package_get_file(const struct package *package, const char *name, struct axb_bytes *out)
{
	for (uint32_t i = 0; i < package->file_count; i++) {
		const struct package_file *file = &package->files[i];
		if (axb_streq(file->name, name)) {
			*out = package_bytes(package, file->offset, file->size);
			return true;
		}
	}
	return false;
}

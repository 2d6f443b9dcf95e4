/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The VM package: one file that says which virtual machines there are, and holds their images. A
 * host tool writes it (package.py), QEMU puts it into memory at a fixed address ("-device
 * loader"), the hypervisor reads it at boot and whenever a VM starts. Little endian, 8-aligned.
 *
 *     header | vm table | file table | bytes that both point at
 *
 * Everything that a kernel wants to find in its memory (device tree, ACPI tables, boot parameters,
 * first page tables) is a piece made by the host tool: the hypervisor only copies pieces.
 */
#ifndef AXB_PLATFORMS_REFERENCE_PACKAGE_H_
#define AXB_PLATFORMS_REFERENCE_PACKAGE_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/bytes.h"
#include "runtime/base/status.h"
#include "runtime/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** "AXBVMPK1". */
#define PACKAGE_MAGIC UINT64_C(0x314b504d56425841)

#define PACKAGE_VMS_MAX 8u
#define PACKAGE_FILES_MAX 32u
#define PACKAGE_VCPUS_MAX 4u
#define PACKAGE_PIECES_MAX 8u
#define PACKAGE_NAME_SIZE 32u

/** Bits of package_vm.flags. */
#define PACKAGE_VM_START (1u << 0)   /**< starts with the hypervisor */
#define PACKAGE_VM_CHECKED (1u << 1) /**< a small guest: the status it stops with counts */
#define PACKAGE_VM_DEVICE (1u << 2)  /**< has the test device of the small guests */

struct package_header {
	uint64_t magic;
	uint64_t size; /**< of the whole package, in bytes */
	uint32_t vm_count;
	uint32_t file_count;
	uint64_t vms_offset;   /**< of struct package_vm[vm_count] */
	uint64_t files_offset; /**< of struct package_file[file_count] */
	uint64_t reserved;
};

/** Bytes that lie in the VM's memory when it starts. */
struct package_piece {
	uint64_t offset; /**< in the package */
	uint64_t size;
	uint64_t gpa;
};

struct package_vm {
	char name[PACKAGE_NAME_SIZE]; /**< NUL-terminated, unique */
	uint32_t flags;
	uint32_t vcpu_count;
	uint64_t ram_base;       /**< guest physical, multiple of 2 MiB */
	uint64_t ram_size;       /**< multiple of 2 MiB */
	uint64_t entry;          /**< guest physical address of vCPU 0's first instruction */
	uint64_t args[4];        /**< x0..x3; rdi, rsi, rdx, rcx */
	uint64_t root;           /**< x86_64: CR3 at entry, which is in 64-bit mode; aarch64: 0 */
	uint64_t symbols_offset; /**< symbol blob of the guest's kernel (runtime/sym) */
	uint64_t symbols_size;   /**< 0 = none */
	uint64_t command_line_offset; /**< of its kernel, for listings */
	uint64_t command_line_size;   /**< without NUL; 0 = none */
	uint32_t piece_count;
	uint32_t reserved;
	struct package_piece pieces[PACKAGE_PIECES_MAX];
};

/** A file that the hypervisor's shell can read: scripts, eBPF objects. */
struct package_file {
	char name[PACKAGE_NAME_SIZE]; /**< NUL-terminated, unique */
	uint64_t offset;
	uint64_t size;
};

/** A package that was found sound; its bytes must stay as they are. */
struct package {
	struct axb_bytes bytes;
	uint16_t vm_count;
	uint32_t file_count;
	const struct package_vm *vms;
	const struct package_file *files;
};

/**
 * Check the package at the start of @bytes wholly: sizes, places, names, pieces inside the package
 * and inside RAM. @bytes is 8-aligned and may go on behind it.
 * @param why  static text: what is wrong
 * @return AXB_OK; AXB_ERR_NOT_FOUND (no package there); AXB_ERR_TRUNCATED; AXB_ERR_FORMAT.
 * Context: boot. Pure.
 */
AXB_MUST_USE enum axb_status package_open(
	struct axb_bytes bytes, struct package *out, const char **why);

/** VM @id: 1 .. vm_count. */
const struct package_vm *package_get_vm(const struct package *package, uint16_t id);

/** What @offset and @size in a checked package stand for. */
struct axb_bytes package_bytes(const struct package *package, uint64_t offset, uint64_t size);

/** The file called @name. @return false when there is none. */
bool package_get_file(const struct package *package, const char *name, struct axb_bytes *out);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The parts of the ELF64 format that BPF objects use. Ref: System V ABI, ELF-64 Object File Format
 * 1.5; relocation types: LLVM's and Linux's Documentation/bpf/llvm_reloc.rst. Pure data.
 */
#ifndef AXB_RUNTIME_ELF_ELF_DEFS_H_
#define AXB_RUNTIME_ELF_ELF_DEFS_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AXB_EI_CLASS 4
#define AXB_EI_DATA 5
#define AXB_EI_VERSION 6
#define AXB_ELFCLASS64 2
#define AXB_ELFDATA2LSB 1
#define AXB_ET_REL 1
#define AXB_EM_BPF 247

struct axb_ehdr {
	uint8_t ident[16];
	uint16_t type;
	uint16_t machine;
	uint32_t version;
	uint64_t entry;
	uint64_t phoff;
	uint64_t shoff;
	uint32_t flags;
	uint16_t ehsize;
	uint16_t phentsize;
	uint16_t phnum;
	uint16_t shentsize;
	uint16_t shnum;
	uint16_t shstrndx;
};

struct axb_shdr {
	uint32_t name;
	uint32_t type;
	uint64_t flags;
	uint64_t addr;
	uint64_t offset;
	uint64_t size;
	uint32_t link;
	uint32_t info;
	uint64_t addralign;
	uint64_t entsize;
};

#define AXB_SHT_PROGBITS 1u
#define AXB_SHT_SYMTAB 2u
#define AXB_SHT_STRTAB 3u
#define AXB_SHT_RELA 4u
#define AXB_SHT_NOBITS 8u
#define AXB_SHT_REL 9u
#define AXB_SHF_EXECINSTR 4u
#define AXB_SHN_UNDEF 0u
#define AXB_SHN_LORESERVE 0xff00u

struct axb_sym {
	uint32_t name;
	uint8_t info;
	uint8_t other;
	uint16_t shndx;
	uint64_t value;
	uint64_t size;
};

#define AXB_STB_LOCAL 0
#define AXB_STT_OBJECT 1
#define AXB_STT_FUNC 2
#define AXB_STT_SECTION 3

struct axb_rel {
	uint64_t offset;
	uint64_t info; /**< type in bits 31:0, symbol in bits 63:32 */
};

#define AXB_R_BPF_64_64 1u
#define AXB_R_BPF_64_32 10u

#ifdef __cplusplus
}
#endif

#endif

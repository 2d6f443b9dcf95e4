// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// The corpus of hostile objects: one good object (testdata/elf/base.bpf.c), and a table of what is
// broken in it, with the status and reason that must come out. Then every truncation and every
// flipped bit: any status, no crash (run it with --config=asan).
#include "runtime/elf/object.h"

#include <elf.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "runtime/base/text.h"
#include "runtime/elf/btf.h"
#include "runtime/elf/line.h"
#include "testdata/elf/base_object_gen.h"

namespace
{

// A copy of the good object with its parts by name.
struct Elf {
	std::vector<uint8_t> bytes;

	Elf() : bytes(base_object, base_object + base_object_size)
	{
	}

	template <typename T> T *At(uint64_t offset)
	{
		EXPECT_LE(offset + sizeof(T), bytes.size());
		return reinterpret_cast<T *>(&bytes[offset]);
	}
	Elf64_Ehdr *Header()
	{
		return At<Elf64_Ehdr>(0);
	}
	Elf64_Shdr *SectionAt(size_t i)
	{
		return At<Elf64_Shdr>(Header()->e_shoff + i * sizeof(Elf64_Shdr));
	}
	std::string NameOf(size_t i)
	{
		return At<char>(SectionAt(Header()->e_shstrndx)->sh_offset + SectionAt(i)->sh_name);
	}
	size_t IndexOf(const std::string &name)
	{
		for (size_t i = 1; i < Header()->e_shnum; i++) {
			if (NameOf(i) == name) {
				return i;
			}
		}
		ADD_FAILURE() << "no section " << name;
		return 0;
	}
	Elf64_Shdr *Section(const std::string &name)
	{
		return SectionAt(IndexOf(name));
	}
	char *SectionName(const std::string &name)
	{
		return At<char>(
			SectionAt(Header()->e_shstrndx)->sh_offset + Section(name)->sh_name);
	}
	template <typename T> T *In(const std::string &section, uint64_t offset = 0)
	{
		return At<T>(Section(section)->sh_offset + offset);
	}
	Elf64_Sym *Symbol(const std::string &name)
	{
		const Elf64_Shdr *table = Section(".symtab");
		for (size_t i = 0; i < table->sh_size / sizeof(Elf64_Sym); i++) {
			auto *symbol = In<Elf64_Sym>(".symtab", i * sizeof(Elf64_Sym));
			if (name ==
				At<char>(SectionAt(table->sh_link)->sh_offset + symbol->st_name)) {
				return symbol;
			}
		}
		ADD_FAILURE() << "no symbol " << name;
		return nullptr;
	}
	// The relocation of the first program's section that names @symbol.
	Elf64_Rel *Relocation(const std::string &symbol, const std::string &section = kFirst)
	{
		auto index = static_cast<size_t>(Symbol(symbol) - In<Elf64_Sym>(".symtab"));
		for (uint64_t at = 0; at < Section(".rel" + section)->sh_size;
			at += sizeof(Elf64_Rel)) {
			auto *rel = In<Elf64_Rel>(".rel" + section, at);
			if (ELF64_R_SYM(rel->r_info) == index) {
				return rel;
			}
		}
		ADD_FAILURE() << "no relocation of " << symbol;
		return nullptr;
	}
	axb_insn *InsnOf(const Elf64_Rel *rel)
	{
		return In<axb_insn>(kFirst, rel->r_offset);
	}

	// The words of BTF type @wanted of kind @kind, after the type section's start.
	uint32_t *Btf(uint32_t kind, const std::string &name)
	{
		auto *header = In<uint32_t>(".BTF");
		uint64_t types = header[1] + header[2], strings = header[1] + header[4];
		for (uint64_t at = 0; at < header[3];) {
			auto *type = In<uint32_t>(".BTF", types + at);
			uint32_t k = type[1] >> 24 & 0x1f, n = type[1] & 0xffff;
			if (k == kind && name == In<char>(".BTF", strings + type[0])) {
				return type;
			}
			static const uint8_t fixed[] = {
				0, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0};
			static const uint8_t each[] = {
				0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12};
			at += 12 + fixed[k] + static_cast<uint64_t>(each[k]) * n;
		}
		ADD_FAILURE() << "no BTF type " << name;
		return nullptr;
	}
	// The words of the line table in .BTF.ext: record size, then each section's name and count.
	uint32_t *Lines()
	{
		auto *header = In<uint32_t>(".BTF.ext");
		return In<uint32_t>(".BTF.ext", header[1] + header[4]);
	}
	// The anonymous struct behind map @name: its words.
	uint32_t *MapStruct(const std::string &name)
	{
		return BtfById(Btf(AXB_BTF_VAR, name)[2]);
	}
	uint32_t *BtfById(uint32_t id)
	{
		auto *header = In<uint32_t>(".BTF");
		uint64_t types = header[1] + header[2];
		static const uint8_t fixed[] = {
			0, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0};
		static const uint8_t each[] = {
			0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12};
		uint64_t at = 0;
		for (uint32_t i = 1; i < id; i++) {
			auto *type = In<uint32_t>(".BTF", types + at);
			uint32_t k = type[1] >> 24 & 0x1f, n = type[1] & 0xffff;
			at += 12 + fixed[k] + static_cast<uint64_t>(each[k]) * n;
		}
		return In<uint32_t>(".BTF", types + at);
	}

	static constexpr const char *kFirst = "tracepoint/vcpu/exit";
};

struct Outcome {
	std::vector<uint8_t> bytes; // the object points into them
	axb_status status;
	axb_object_error why;
	axb_object *object;
};

Outcome Parse(const std::vector<uint8_t> &bytes, size_t memory_size = 1 << 20)
{
	static std::vector<uint8_t> memory(8 << 20);
	axb_arena arena;
	axb_arena_init(&arena, memory.data(), memory_size);
	Outcome out = {};
	/* A copy of just this size, so that ASan sees any overrun. */
	out.bytes = bytes;
	out.bytes.shrink_to_fit();
	out.status = axb_object_parse(
		axb_bytes_of(out.bytes.data(), out.bytes.size()), &arena, &out.object, &out.why);
	return out;
}

std::string Explain(const axb_object_error &why)
{
	char text[256];
	axb_text t;
	axb_text_init(&t, text, sizeof text);
	axb_object_explain(&why, &t);
	return text;
}

TEST(AxbObjectParse, ReadsTheGoodObject)
{
	Elf elf;
	Outcome out = Parse(elf.bytes);
	ASSERT_EQ(AXB_OK, out.status) << Explain(out.why);
	ASSERT_EQ(2u, out.object->prog_count);
	EXPECT_STREQ("GPL", out.object->license);
	ASSERT_EQ(5u, out.object->map_count);
	EXPECT_STREQ("hash", out.object->maps[0].name);
	EXPECT_EQ(4u, out.object->maps[0].def.key_size);
	EXPECT_EQ(8u, out.object->maps[0].def.value_size);
	EXPECT_EQ(AXB_PROG_TYPE_TRACEPOINT, out.object->progs[0].type);
	EXPECT_STREQ("vcpu/exit", out.object->progs[0].target);
	EXPECT_GT(out.object->progs[0].insn_count, out.object->progs[0].entry_insn_count);
}

TEST(AxbObjectParse, ListsTheFunctionsOfAProgram)
{
	Elf elf;
	Outcome out = Parse(elf.bytes);
	ASSERT_EQ(AXB_OK, out.status) << Explain(out.why);
	const axb_object_prog &prog = out.object->progs[0];
	ASSERT_EQ(2u, prog.function_count);
	EXPECT_STREQ("first", prog.functions[0].name);
	EXPECT_EQ(0u, prog.functions[0].first);
	EXPECT_EQ(prog.entry_insn_count, prog.functions[0].insn_count);
	EXPECT_STREQ("add", prog.functions[1].name);
	EXPECT_EQ(prog.entry_insn_count, prog.functions[1].first);
	EXPECT_EQ(prog.insn_count, prog.functions[1].first + prog.functions[1].insn_count);
}

// "function: text" for instruction @insn of program @prog; "" = not known.
std::string SourceLine(const Outcome &out, uint32_t prog, uint32_t insn)
{
	static std::vector<uint8_t> memory(1 << 20);
	axb_arena arena;
	axb_source_line line;
	axb_arena_init(&arena, memory.data(), memory.size());
	return axb_object_source_line(axb_bytes_of(out.bytes.data(), out.bytes.size()),
		       &out.object->progs[prog], insn, &arena, &line)
		       ? std::to_string(line.line) + ":" + line.text
		       : "";
}

TEST(AxbObjectSourceLine, FindsTheLineOfAnInstruction)
{
	Elf elf;
	Outcome out = Parse(elf.bytes);
	ASSERT_EQ(AXB_OK, out.status) << Explain(out.why);
	const axb_object_prog &first = out.object->progs[0];
	EXPECT_EQ("34:int first(struct axb_tp_ctx_vcpu_exit *ctx)", SourceLine(out, 0, 0));
	EXPECT_EQ("40:\treturn value && ctx->reason < limit ? (int)add(*value) : 0;",
		SourceLine(out, 0, first.entry_insn_count - 1));
	EXPECT_EQ("29:\ttotal += n;", SourceLine(out, 0, first.entry_insn_count));
	EXPECT_EQ("30:\treturn total;", SourceLine(out, 0, first.insn_count - 1));
	EXPECT_EQ("30:\treturn total;", SourceLine(out, 1, out.object->progs[1].insn_count - 1));
	EXPECT_EQ("", SourceLine(out, 0, first.insn_count));
	EXPECT_EQ("", SourceLine(out, 0, UINT32_MAX));
}

// Instructions of both programs whose line is known.
size_t KnownLines(const Outcome &out)
{
	size_t known = 0;
	for (uint32_t p = 0; p < out.object->prog_count; p++) {
		for (uint32_t i = 0; i < out.object->progs[p].insn_count; i++) {
			known += !SourceLine(out, p, i).empty();
		}
	}
	return known;
}

TEST(AxbObjectSourceLine, KnowsNothingFromDamagedTables)
{
	const struct {
		const char *name;
		std::function<void(Elf *)> breaks;
	} cases[] = {
		{"magic", [](Elf *e) { *e->In<uint16_t>(".BTF.ext") = 0; }},
		{"header too small", [](Elf *e) { e->In<uint32_t>(".BTF.ext")[1] = 20; }},
		{"header too large", [](Elf *e) { e->In<uint32_t>(".BTF.ext")[1] = UINT32_MAX; }},
		{"lines outside", [](Elf *e) { e->In<uint32_t>(".BTF.ext")[4] = UINT32_MAX; }},
		{"lines too long", [](Elf *e) { e->In<uint32_t>(".BTF.ext")[5] = UINT32_MAX; }},
		{"no lines", [](Elf *e) { e->In<uint32_t>(".BTF.ext")[5] = 0; }},
		{"record too small", [](Elf *e) { *e->Lines() = 15; }},
		{"record of no bytes", [](Elf *e) { *e->Lines() = 0; }},
		{"record too large", [](Elf *e) { *e->Lines() = UINT32_MAX; }},
		{"too many records", [](Elf *e) { e->Lines()[2] = UINT32_MAX; }},
	};
	Elf good;
	const size_t all = KnownLines(Parse(good.bytes));
	EXPECT_GT(all, 20u);
	for (const auto &c : cases) {
		Elf elf;
		c.breaks(&elf);
		Outcome out = Parse(elf.bytes);
		ASSERT_EQ(AXB_OK, out.status) << c.name << ": " << Explain(out.why);
		EXPECT_EQ(0u, KnownLines(out)) << c.name;
	}
	/* A section without a name loses its lines, others keep theirs. */
	good.Lines()[1] = UINT32_MAX;
	Outcome out = Parse(good.bytes);
	EXPECT_LT(KnownLines(out), all);
	EXPECT_GT(KnownLines(out), 0u);
}

struct Case {
	const char *name;
	axb_status status;
	axb_object_reason reason;
	std::function<void(Elf *)> breaks;
};

// clang-format off
const Case kCases[] = {
  // The file header.
  {"empty", AXB_ERR_FORMAT, AXB_OBJECT_NOT_ELF, [](Elf *e) { e->bytes.clear(); }},
  {"magic", AXB_ERR_FORMAT, AXB_OBJECT_NOT_ELF, [](Elf *e) { e->bytes[1] = 'e'; }},
  {"only_magic", AXB_ERR_TRUNCATED, AXB_OBJECT_HEADER, [](Elf *e) { e->bytes.resize(4); }},
  {"half_header", AXB_ERR_TRUNCATED, AXB_OBJECT_HEADER, [](Elf *e) { e->bytes.resize(63); }},
  {"class32", AXB_ERR_FORMAT, AXB_OBJECT_NOT_BPF, [](Elf *e) { e->bytes[EI_CLASS] = ELFCLASS32; }},
  {"big_endian", AXB_ERR_FORMAT, AXB_OBJECT_NOT_BPF, [](Elf *e) { e->bytes[EI_DATA] = ELFDATA2MSB; }},
  {"ident_version", AXB_ERR_FORMAT, AXB_OBJECT_NOT_BPF, [](Elf *e) { e->bytes[EI_VERSION] = 0; }},
  {"version", AXB_ERR_FORMAT, AXB_OBJECT_NOT_BPF, [](Elf *e) { e->Header()->e_version = 2; }},
  {"executable", AXB_ERR_FORMAT, AXB_OBJECT_NOT_BPF, [](Elf *e) { e->Header()->e_type = ET_EXEC; }},
  {"x86_64", AXB_ERR_FORMAT, AXB_OBJECT_NOT_BPF, [](Elf *e) { e->Header()->e_machine = EM_X86_64; }},
  {"shentsize", AXB_ERR_TRUNCATED, AXB_OBJECT_HEADER, [](Elf *e) { e->Header()->e_shentsize = 65; }},
  {"no_sections", AXB_ERR_LIMIT, AXB_OBJECT_SECTION_COUNT, [](Elf *e) { e->Header()->e_shnum = 0; }},
  {"one_section", AXB_ERR_LIMIT, AXB_OBJECT_SECTION_COUNT, [](Elf *e) { e->Header()->e_shnum = 1; }},
  {"many_sections", AXB_ERR_LIMIT, AXB_OBJECT_SECTION_COUNT, [](Elf *e) { e->Header()->e_shnum = 0xffff; }},
  {"more_sections_than_file", AXB_ERR_TRUNCATED, AXB_OBJECT_HEADER, [](Elf *e) { e->Header()->e_shnum = 512; }},
  {"shoff_outside", AXB_ERR_TRUNCATED, AXB_OBJECT_HEADER, [](Elf *e) { e->Header()->e_shoff = e->bytes.size(); }},
  {"shoff_wraps", AXB_ERR_TRUNCATED, AXB_OBJECT_HEADER, [](Elf *e) { e->Header()->e_shoff = UINT64_MAX - 8; }},
  {"shstrndx", AXB_ERR_LIMIT, AXB_OBJECT_SECTION_COUNT, [](Elf *e) { e->Header()->e_shstrndx = 0xfff1; }},
  {"shstrndx_not_strings", AXB_ERR_FORMAT, AXB_OBJECT_SECTION_TYPE, [](Elf *e) { e->Header()->e_shstrndx = static_cast<uint16_t>(e->IndexOf(".symtab")); }},
  // Sections.
  {"section_outside", AXB_ERR_TRUNCATED, AXB_OBJECT_SECTION_BOUNDS, [](Elf *e) { e->Section(".text")->sh_offset = e->bytes.size() + 1; }},
  {"section_too_long", AXB_ERR_TRUNCATED, AXB_OBJECT_SECTION_BOUNDS, [](Elf *e) { e->Section(".text")->sh_size = UINT64_MAX; }},
  {"section_wraps", AXB_ERR_TRUNCATED, AXB_OBJECT_SECTION_BOUNDS, [](Elf *e) { e->Section(".text")->sh_offset = UINT64_MAX - 3; }},
  {"section_name_outside", AXB_ERR_FORMAT, AXB_OBJECT_SECTION_NAME, [](Elf *e) { e->Section(".text")->sh_name = 0x7fffffff; }},
  {"strings_unterminated", AXB_ERR_FORMAT, AXB_OBJECT_SECTION_NAME, [](Elf *e) { auto *s = e->SectionAt(e->Header()->e_shstrndx); memset(&e->bytes[s->sh_offset], 'a', s->sh_size); }},
  {"bss_with_bytes", AXB_ERR_FORMAT, AXB_OBJECT_SECTION_TYPE, [](Elf *e) { auto *s = e->Section(".bss"); s->sh_type = SHT_PROGBITS; s->sh_size = 8; }},
  {"data_without_bytes", AXB_ERR_FORMAT, AXB_OBJECT_SECTION_TYPE, [](Elf *e) { e->Section(".data")->sh_type = SHT_NOBITS; }},
  {"bss_over_4g", AXB_ERR_FORMAT, AXB_OBJECT_SECTION_TYPE, [](Elf *e) { e->Section(".bss")->sh_size = 1ull << 32; }},
  {"license_unterminated", AXB_ERR_FORMAT, AXB_OBJECT_STRING, [](Elf *e) { e->Section("license")->sh_size = 3; }},
  {"legacy_maps", AXB_ERR_UNSUPPORTED, AXB_OBJECT_MAP_LEGACY, [](Elf *e) { strcpy(e->SectionName("license"), "maps"); }},
  // Symbols.
  {"no_symtab", AXB_ERR_FORMAT, AXB_OBJECT_NO_SYMTAB, [](Elf *e) { e->Section(".symtab")->sh_type = SHT_PROGBITS; }},
  {"two_symtabs", AXB_ERR_FORMAT, AXB_OBJECT_NO_SYMTAB, [](Elf *e) { e->Section("license")->sh_type = SHT_SYMTAB; }},
  {"symtab_entsize", AXB_ERR_FORMAT, AXB_OBJECT_SYMTAB, [](Elf *e) { e->Section(".symtab")->sh_entsize = 16; }},
  {"symtab_size", AXB_ERR_FORMAT, AXB_OBJECT_SYMTAB, [](Elf *e) { e->Section(".symtab")->sh_size -= 1; }},
  {"symtab_link", AXB_ERR_FORMAT, AXB_OBJECT_SYMTAB, [](Elf *e) { e->Section(".symtab")->sh_link = 9999; }},
  {"symtab_link_not_strings", AXB_ERR_FORMAT, AXB_OBJECT_SYMTAB, [](Elf *e) { e->Section(".symtab")->sh_link = static_cast<uint32_t>(e->IndexOf(".text")); }},
  {"symbol_name", AXB_ERR_FORMAT, AXB_OBJECT_STRING, [](Elf *e) { e->Symbol("first")->st_name = 0x7fffffff; }},
  {"symbol_names_unterminated", AXB_ERR_FORMAT, AXB_OBJECT_STRING, [](Elf *e) { uint32_t link = e->Section(".symtab")->sh_link; if (link == e->Header()->e_shstrndx) { auto *s = e->Section("license"); s->sh_type = SHT_STRTAB; s->sh_size = 3; link = static_cast<uint32_t>(e->IndexOf("license")); e->Section(".symtab")->sh_link = link; } }},
  {"symbol_section", AXB_ERR_FORMAT, AXB_OBJECT_SYMBOL, [](Elf *e) { e->Symbol("first")->st_shndx = 200; }},
  // Functions.
  {"function_size_odd", AXB_ERR_FORMAT, AXB_OBJECT_FUNCTION_BOUNDS, [](Elf *e) { e->Symbol("first")->st_size -= 4; }},
  {"function_size_zero", AXB_ERR_FORMAT, AXB_OBJECT_FUNCTION_BOUNDS, [](Elf *e) { e->Symbol("first")->st_size = 0; }},
  {"function_too_long", AXB_ERR_FORMAT, AXB_OBJECT_FUNCTION_BOUNDS, [](Elf *e) { e->Symbol("first")->st_size += 8; }},
  {"function_wraps", AXB_ERR_FORMAT, AXB_OBJECT_FUNCTION_BOUNDS, [](Elf *e) { e->Symbol("first")->st_value = UINT64_MAX - 7; }},
  {"function_misplaced", AXB_ERR_FORMAT, AXB_OBJECT_FUNCTION_BOUNDS, [](Elf *e) { e->Symbol("first")->st_value = 4; }},
  {"functions_overlap", AXB_ERR_FORMAT, AXB_OBJECT_FUNCTION_OVERLAP, [](Elf *e) { e->Symbol("second")->st_shndx = e->Symbol("first")->st_shndx; e->Symbol("second")->st_size = 8; }},
  {"static_program", AXB_ERR_UNSUPPORTED, AXB_OBJECT_STATIC_PROGRAM, [](Elf *e) { e->Symbol("first")->st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC); }},
  {"program_section", AXB_ERR_UNSUPPORTED, AXB_OBJECT_PROGRAM_SECTION, [](Elf *e) { e->SectionName(Elf::kFirst)[0] = 'x'; }},
  {"no_program", AXB_ERR_FORMAT, AXB_OBJECT_NO_PROGRAM, [](Elf *e) { for (auto *n : {"first", "second", "add"}) { e->Symbol(n)->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT); } }},
  // Relocations.
  {"rela", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_SECTION, [](Elf *e) { e->Section(std::string(".rel") + Elf::kFirst)->sh_type = SHT_RELA; }},
  {"rel_entsize", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_SECTION, [](Elf *e) { e->Section(std::string(".rel") + Elf::kFirst)->sh_entsize = 24; }},
  {"rel_size", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_SECTION, [](Elf *e) { e->Section(std::string(".rel") + Elf::kFirst)->sh_size -= 8; }},
  {"rel_info", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_SECTION, [](Elf *e) { e->Section(std::string(".rel") + Elf::kFirst)->sh_info = 9999; }},
  {"rel_of_data", AXB_ERR_UNSUPPORTED, AXB_OBJECT_RELOCATION_DATA, [](Elf *e) { e->Section(std::string(".rel") + Elf::kFirst)->sh_info = static_cast<uint32_t>(e->IndexOf(".data")); }},
  {"rel_of_maps", AXB_ERR_UNSUPPORTED, AXB_OBJECT_RELOCATION_DATA, [](Elf *e) { e->Section(std::string(".rel") + Elf::kFirst)->sh_info = static_cast<uint32_t>(e->IndexOf(".maps")); }},
  {"rel_outside", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_BOUNDS, [](Elf *e) { e->Relocation("hash")->r_offset = 1 << 20; }},
  {"rel_between", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_BOUNDS, [](Elf *e) { e->Relocation("hash")->r_offset += 4; }},
  {"rel_twice", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_DUPLICATE, [](Elf *e) { e->Relocation("runs")->r_offset = e->Relocation("hash")->r_offset; }},
  {"rel_symbol", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_SYMBOL, [](Elf *e) { e->Relocation("hash")->r_info = ELF64_R_INFO(9999ull, 1); }},
  {"rel_type", AXB_ERR_UNSUPPORTED, AXB_OBJECT_RELOCATION_TYPE, [](Elf *e) { auto *r = e->Relocation("hash"); r->r_info = ELF64_R_INFO(ELF64_R_SYM(r->r_info), 99); }},
  {"rel_call_on_lddw", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_INSN, [](Elf *e) { auto *r = e->Relocation("hash"); r->r_info = ELF64_R_INFO(ELF64_R_SYM(r->r_info), 10); }},
  {"rel_on_other_insn", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_INSN, [](Elf *e) { e->InsnOf(e->Relocation("hash"))->opcode = 0xb7; }},
  {"rel_lddw_src", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_INSN, [](Elf *e) { e->InsnOf(e->Relocation("hash"))->regs |= 0x10; }},
  {"rel_lddw_at_end", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_INSN, [](Elf *e) { auto *f = e->Symbol("first"); auto *r = e->Relocation("hash"); r->r_offset = f->st_size - 8; *e->InsnOf(r) = {0x18, 1, 0, 0}; }},
  {"rel_extern", AXB_ERR_UNSUPPORTED, AXB_OBJECT_EXTERN, [](Elf *e) { e->Symbol("hash")->st_shndx = SHN_UNDEF; }},
  {"rel_data_outside", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_TARGET, [](Elf *e) { e->Symbol("runs")->st_value = 1 << 20; }},
  {"rel_data_negative", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_TARGET, [](Elf *e) { e->InsnOf(e->Relocation("runs"))->imm = -8; }},
  {"rel_between_maps", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_TARGET, [](Elf *e) { e->InsnOf(e->Relocation("hash"))->imm = 4; }},
  {"rel_to_license", AXB_ERR_FORMAT, AXB_OBJECT_RELOCATION_TARGET, [](Elf *e) { e->Symbol("runs")->st_shndx = static_cast<uint16_t>(e->IndexOf("license")); }},
  // Map definitions.
  {"map_without_btf", AXB_ERR_FORMAT, AXB_OBJECT_MAP_NO_BTF, [](Elf *e) { e->SectionName(".BTF.ext")[4] = 'x'; e->Section(".BTF")->sh_name = e->Section(".text")->sh_name; }},
  {"map_symbol_unknown", AXB_ERR_FORMAT, AXB_OBJECT_MAP_SYMBOL, [](Elf *e) { e->Symbol("runs")->st_shndx = static_cast<uint16_t>(e->IndexOf(".maps")); }},
  {"map_not_struct", AXB_ERR_FORMAT, AXB_OBJECT_MAP_DEFINITION, [](Elf *e) { e->Btf(AXB_BTF_VAR, "hash")[2] = e->BtfById(1)[1] >> 24 == AXB_BTF_PTR ? 1 : 2; }},
  {"map_attribute", AXB_ERR_UNSUPPORTED, AXB_OBJECT_MAP_ATTRIBUTE, [](Elf *e) { auto *s = e->MapStruct("hash"); s[3] = e->Btf(AXB_BTF_VAR, "limit")[0]; }},
  {"map_member_type", AXB_ERR_FORMAT, AXB_OBJECT_MAP_DEFINITION, [](Elf *e) { e->MapStruct("hash")[4] = 0; }},
  {"map_type_missing", AXB_ERR_FORMAT, AXB_OBJECT_BTF_REFERENCE, [](Elf *e) { e->Btf(AXB_BTF_VAR, "hash")[2] = 0xffffff; }},
  {"map_conflict", AXB_ERR_FORMAT, AXB_OBJECT_MAP_CONFLICT, [](Elf *e) { auto *s = e->MapStruct("array"); s[3 + 3 * 3] = s[3 + 2 * 3]; s[4 + 3 * 3] = s[4]; }},
  // BTF.
  {"btf_magic", AXB_ERR_FORMAT, AXB_OBJECT_BTF_HEADER, [](Elf *e) { *e->In<uint8_t>(".BTF") ^= 1; }},
  {"btf_version", AXB_ERR_FORMAT, AXB_OBJECT_BTF_HEADER, [](Elf *e) { *e->In<uint8_t>(".BTF", 2) = 2; }},
  {"btf_header_size", AXB_ERR_FORMAT, AXB_OBJECT_BTF_HEADER, [](Elf *e) { e->In<uint32_t>(".BTF")[1] = 0xfffffff0; }},
  {"btf_header_small", AXB_ERR_FORMAT, AXB_OBJECT_BTF_HEADER, [](Elf *e) { e->In<uint32_t>(".BTF")[1] = 8; }},
  {"btf_types_outside", AXB_ERR_FORMAT, AXB_OBJECT_BTF_HEADER, [](Elf *e) { e->In<uint32_t>(".BTF")[3] = 0x7fffffff; }},
  {"btf_strings_outside", AXB_ERR_FORMAT, AXB_OBJECT_BTF_HEADER, [](Elf *e) { e->In<uint32_t>(".BTF")[4] = 0xfffffff0; }},
  {"btf_kind", AXB_ERR_FORMAT, AXB_OBJECT_BTF_TYPE, [](Elf *e) { e->BtfById(1)[1] = 31u << 24; }},
  {"btf_count", AXB_ERR_FORMAT, AXB_OBJECT_BTF_TYPE, [](Elf *e) { e->MapStruct("hash")[1] |= 0xffff; }},
  {"btf_name", AXB_ERR_FORMAT, AXB_OBJECT_BTF_TYPE, [](Elf *e) { e->BtfById(1)[0] = 0x7fffffff; }},
  {"btf_names_unterminated", AXB_ERR_FORMAT, AXB_OBJECT_BTF_HEADER, [](Elf *e) { auto *h = e->In<uint32_t>(".BTF"); *e->In<uint8_t>(".BTF", h[1] + h[4] + h[5] - 1) = 'a'; }},
  {"btf_circle", AXB_ERR_FORMAT, AXB_OBJECT_MAP_DEFINITION, [](Elf *e) { auto *t = e->Btf(AXB_BTF_TYPEDEF, "__u64"); t[2] = 0; for (uint32_t id = 1; id < 200; id++) { if (e->BtfById(id) == t) { t[2] = id; break; } } }},
  {"core", AXB_ERR_UNSUPPORTED, AXB_OBJECT_CORE, [](Elf *e) { e->In<uint32_t>(".BTF.ext")[7] = 8; }},
};
// clang-format on

TEST(AxbObjectParse, RefusesTheHostile)
{
	for (const Case &c : kCases) {
		SCOPED_TRACE(c.name);
		Elf elf;
		c.breaks(&elf);
		Outcome out = Parse(elf.bytes);
		EXPECT_STREQ(axb_status_name(c.status), axb_status_name(out.status));
		EXPECT_EQ(c.reason, out.why.reason) << Explain(out.why);
		EXPECT_EQ(nullptr, out.object);
	}
}

// 2^16 symbols that all begin in one name of two megabytes: whoever measures each name takes
// minutes, which a load in a hypervisor must not.
TEST(AxbObjectParse, LongNamesCostNothing)
{
	Elf elf;
	const auto append = [&elf](const char *section, const std::vector<uint8_t> &more) {
		auto *s = elf.Section(section);
		std::vector<uint8_t> all(elf.bytes.begin() + static_cast<ptrdiff_t>(s->sh_offset),
			elf.bytes.begin() + static_cast<ptrdiff_t>(s->sh_offset + s->sh_size));
		all.insert(all.end(), more.begin(), more.end());
		elf.bytes.resize((elf.bytes.size() + 7) / 8 * 8);
		s = elf.Section(section);
		s->sh_offset = elf.bytes.size();
		s->sh_size = all.size();
		elf.bytes.insert(elf.bytes.end(), all.begin(), all.end());
	};
	Elf64_Sym symbol = {};
	symbol.st_name = static_cast<uint32_t>(elf.Section(".strtab")->sh_size);
	std::vector<uint8_t> name(2 << 20, 'a');
	name.back() = 0;
	append(".strtab", name);
	std::vector<uint8_t> symbols;
	for (int i = 0; i < 1 << 16; i++) {
		const auto *bytes = reinterpret_cast<const uint8_t *>(&symbol);
		symbols.insert(symbols.end(), bytes, bytes + sizeof symbol);
	}
	append(".symtab", symbols);
	Outcome out = Parse(elf.bytes);
	EXPECT_EQ(AXB_OK, out.status) << Explain(out.why);
}

TEST(AxbObjectParse, SurvivesEveryTruncation)
{
	Elf elf;
	for (size_t size = 0; size < elf.bytes.size(); size++) {
		Outcome out = Parse(std::vector<uint8_t>(
			elf.bytes.begin(), elf.bytes.begin() + static_cast<ptrdiff_t>(size)));
		// The section headers stand at the end: no shorter file is whole.
		ASSERT_NE(AXB_OK, out.status) << size;
	}
}

TEST(AxbObjectParse, SurvivesEveryFlippedBit)
{
	Elf elf;
	size_t refused = 0;
	for (size_t bit = 0; bit < elf.bytes.size() * 8; bit++) {
		std::vector<uint8_t> bytes = elf.bytes;
		bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
		Outcome out = Parse(bytes);
		refused += out.status != AXB_OK;
		ASSERT_EQ(out.status == AXB_OK, out.why.reason == AXB_OBJECT_OK) << bit;
		if (out.status == AXB_OK && out.object->prog_count != 0) {
			(void)SourceLine(out, 0, 0);
		}
	}
	EXPECT_GT(refused, 1000u);
}

TEST(AxbObjectParse, NeedsItsMemory)
{
	Elf elf;
	size_t refused = 0;
	for (size_t size = 0; size < 1 << 16; size += 64) {
		Outcome out = Parse(elf.bytes, size);
		if (out.status != AXB_OK) {
			EXPECT_EQ(AXB_ERR_NOMEM, out.status) << size;
			EXPECT_EQ(AXB_OBJECT_MEMORY, out.why.reason);
			refused++;
		}
	}
	EXPECT_GT(refused, 10u);
	EXPECT_LT(refused, 1000u);
}

TEST(AxbSectionProgType, KnowsTheConventions)
{
	const struct {
		const char *section;
		bool known;
		axb_prog_type type;
		const char *target;
	} cases[] = {
		{"tracepoint/vcpu/exit", true, AXB_PROG_TYPE_TRACEPOINT, "vcpu/exit"},
		{"tp/vcpu/exit", true, AXB_PROG_TYPE_TRACEPOINT, "vcpu/exit"},
		{"tracepoint", true, AXB_PROG_TYPE_TRACEPOINT, ""},
		{"hprobe/f+0x10", true, AXB_PROG_TYPE_HPROBE, "f+0x10"},
		{"hretprobe/f", true, AXB_PROG_TYPE_HRETPROBE, "f"},
		{"kprobe/f", true, AXB_PROG_TYPE_KPROBE, "f"},
		{"kprobe@vm1/f", true, AXB_PROG_TYPE_KPROBE, "@vm1/f"},
		{"kretprobe@vm1/f", true, AXB_PROG_TYPE_KRETPROBE, "@vm1/f"},
		{".text", true, AXB_PROG_TYPE_RAW, ""},
		{"hprobe@vm1/f", false, AXB_PROG_TYPE_RAW, ""},
		{"tpx", false, AXB_PROG_TYPE_RAW, ""},
		{"xdp", false, AXB_PROG_TYPE_RAW, ""},
		{"", false, AXB_PROG_TYPE_RAW, ""},
	};
	for (const auto &c : cases) {
		axb_prog_type type;
		const char *target;
		ASSERT_EQ(c.known, axb_section_prog_type(c.section, &type, &target)) << c.section;
		if (c.known) {
			EXPECT_EQ(c.type, type) << c.section;
			EXPECT_STREQ(c.target, target);
		}
	}
}

} // namespace

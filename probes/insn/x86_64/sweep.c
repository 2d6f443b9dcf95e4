/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * sweep < "objdump -d -w" of x86_64 code: decodes what objdump decoded and compares lengths, branch
 * targets and RIP-relative addresses. Prints the counts, and up to 20 differences; status 1 when
 * there is one. Not compared, but counted, is what objdump itself does not take as one
 * instruction: "(bad)", a lone prefix, data, FWAIT joined with the next instruction.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/insn/x86_64/decode.h"

#define LINE_MAX_ 4096
#define SHOWN_MAX 20

struct line {
	uint64_t address;
	uint8_t bytes[32];
	uint32_t length;
	const char *text;
};

static uint64_t compared, skipped, differences;

/* "  address:\tbytes \ttext". @return false for what is no instruction. */
static bool parse(char *raw, struct line *out)
{
	char *at = NULL;
	out->address = strtoull(raw, &at, 16);
	if (at == raw || at[0] != ':' || at[1] != '\t') {
		return false;
	}
	at += 2;
	out->length = 0;
	while (out->length < sizeof(out->bytes) && *at != '\t' && *at != '\n' && *at != '\0') {
		out->bytes[out->length++] = (uint8_t)strtoul(at, &at, 16);
		at += strspn(at, " ");
	}
	out->text = *at == '\t' ? at + 1 : "";
	return out->length != 0;
}

static bool is_joined_wait(const struct line *line)
{
	return line->bytes[0] == 0x9b && line->length > 1;
}

static bool is_prefix(const char *word, size_t length)
{
	static const char *const names[] = {"rex", "data16", "addr32", "lock", "rep", "repz",
		"repnz", "cs", "ds", "es", "fs", "gs", "ss"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == length && strncmp(names[i], word, length) == 0) {
			return true;
		}
	}
	return false;
}

/* Nothing but prefixes; or a REX before VEX, which is undefined. */
static bool is_prefixes(const char *text)
{
	bool has_rex = false;
	while (is_prefix(text, strcspn(text, " .\n"))) {
		has_rex |= strncmp(text, "rex", 3) == 0;
		text += strcspn(text, " \n");
		text += strspn(text, " \n");
	}
	return *text == '\0' || (has_rex && *text == 'v');
}

static bool is_skipped(const struct line *line)
{
	return line->text[0] == '\0' || strstr(line->text, "(bad)") != NULL ||
	       line->text[0] == '.' || is_joined_wait(line) || is_prefixes(line->text);
}

static void report(const struct line *line, const char *what)
{
	if (differences++ < SHOWN_MAX) {
		(void)printf("%" PRIx64 ": %s: %s", line->address, what, line->text);
	}
}

/* The number after @mark in objdump's text. */
static bool number_after(const char *text, const char *mark, uint64_t *out)
{
	const char *at = strstr(text, mark);
	if (at == NULL) {
		return false;
	}
	*out = strtoull(at + strlen(mark), NULL, 16);
	return true;
}

static void compare_rip(const struct line *line, const struct axb_x86_insn *insn)
{
	uint64_t target = 0;
	bool theirs = strstr(line->text, "(%rip)") != NULL || strstr(line->text, "(%eip)") != NULL;
	if (theirs != insn->is_rip_relative) {
		report(line, "RIP-relative or not");
	} else if (theirs && number_after(line->text, "# ", &target) &&
		   strstr(line->text, "%eip") == NULL &&
		   target != line->address + insn->length + (uint64_t)insn->disp) {
		report(line, "address");
	}
}

static void compare_branch(const struct line *line, const struct axb_x86_insn *insn)
{
	const char *at = strchr(line->text, '<');
	uint64_t target = 0;
	if (!insn->is_relative || at == NULL || at - line->text < 2) {
		return;
	}
	for (at -= 2; at > line->text && at[-1] != ' ' && at[-1] != ','; at--) {
	}
	target = strtoull(at, NULL, 16);
	if (target != line->address + insn->length + (uint64_t)insn->imm) {
		report(line, "target");
	}
}

static void compare(const struct line *line)
{
	struct axb_x86_insn insn;
	enum axb_x86_error error = axb_x86_decode(axb_bytes_of(line->bytes, line->length), &insn);
	if (is_skipped(line) || error == AXB_X86_VENDOR) {
		skipped++;
		return;
	}
	compared++;
	if (error != AXB_X86_OK) {
		report(line, "not decoded");
	} else if (insn.length != line->length) {
		report(line, "length");
	} else {
		compare_rip(line, &insn);
		compare_branch(line, &insn);
	}
}

int main(void)
{
	static char raw[LINE_MAX_];
	struct line line;
	while (fgets(raw, sizeof(raw), stdin) != NULL) {
		if (parse(raw, &line)) {
			compare(&line);
		}
	}
	(void)printf("%" PRIu64 " instructions compared, %" PRIu64 " not, %" PRIu64
		     " differences\n",
		compared, skipped, differences);
	return differences == 0 && compared != 0 ? 0 : 1;
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Grammar and meaning as in Linux, Documentation/trace/kprobetrace.rst.
 */
#include "probes/fetch/fetch.h"

#include "runtime/base/mem.h"
#include "runtime/base/nearest.h"
#include "runtime/base/types.h"

#define WORD_MAX 128u
#define DECIMAL 10u
#define HEX 16u
#define VALUE_BITS 64u

/** Where we are in the text. */
struct parser {
	const char *text;
	size_t at;
	const struct axb_fetch_target *target;
	struct axb_fetch_error *why;
};

struct type {
	const char *name;
	uint8_t size;
	bool is_signed;
	char display;
};

static const struct type types[] = {
	{"u8", 1, false, 'u'},
	{"u16", 2, false, 'u'},
	{"u32", 4, false, 'u'},
	{"u64", 8, false, 'u'},
	{"s8", 1, true, 'd'},
	{"s16", 2, true, 'd'},
	{"s32", 4, true, 'd'},
	{"s64", 8, true, 'd'},
	{"x8", 1, false, 'x'},
	{"x16", 2, false, 'x'},
	{"x32", 4, false, 'x'},
	{"x64", 8, false, 'x'},
	{"char", 1, false, 'c'},
	{"string", 0, false, 's'},
};

/* Types of Linux that make no sense here, and why. */
static const struct {
	const char *name;
	const char *why;
} refused_types[] = {
	{"ustring", "there is no user memory here: string"},
	{"symbol", "whoever reads events has no symbols: x64"},
	{"symstr", "whoever reads events has no symbols: x64"},
};

static enum axb_status fail_at(
	struct parser *p, enum axb_status status, size_t column, const char *what)
{
	p->why->column = (uint32_t)column;
	(void)axb_strcpy(p->why->what, sizeof(p->why->what), what);
	p->why->nearest[0] = '\0';
	return status;
}

static enum axb_status fail(struct parser *p, const char *what)
{
	return fail_at(p, AXB_ERR_ARG, p->at, what);
}

static enum axb_status fail_nearest(
	struct parser *p, size_t column, const char *what, const struct axb_nearest *nearest)
{
	enum axb_status st = fail_at(p, AXB_ERR_NOT_FOUND, column, what);
	(void)axb_strcpy(p->why->nearest, sizeof(p->why->nearest), nearest->best);
	return st;
}

static char peek(const struct parser *p)
{
	return p->text[p->at];
}

static bool take(struct parser *p, char c)
{
	bool is_there = peek(p) == c;
	p->at += is_there;
	return is_there;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Those of compilers have dots, as "f.isra.0". */
static bool is_symbol(char c)
{
	return is_word(c) || c == '.' || c == '$';
}

/* Characters that @is says yes to. @return false: none, or too many. */
static bool take_word(struct parser *p, bool (*is)(char c), char out[WORD_MAX])
{
	size_t length = 0;
	while (length < WORD_MAX && is(p->text[p->at + length])) {
		out[length] = p->text[p->at + length];
		length++;
	}
	if (length == 0 || length == WORD_MAX) {
		return false;
	}
	out[length] = '\0';
	p->at += length;
	return true;
}

static bool digit_value(char c, uint32_t base, uint32_t *out)
{
	if (is_digit(c)) {
		*out = (uint32_t)(c - '0');
	} else if (c >= 'a' && c <= 'f') {
		*out = (uint32_t)(c - 'a') + DECIMAL;
	} else if (c >= 'A' && c <= 'F') {
		*out = (uint32_t)(c - 'A') + DECIMAL;
	} else {
		return false;
	}
	return *out < base;
}

/* Decimal, or hex after 0x. */
static enum axb_status take_number(struct parser *p, uint64_t *out)
{
	size_t begin = p->at;
	bool is_hex =
		p->text[begin] == '0' && (p->text[begin + 1] == 'x' || p->text[begin + 1] == 'X');
	uint32_t base = is_hex ? HEX : DECIMAL;
	uint64_t value = 0;
	uint32_t digit = 0;
	size_t first = begin + (is_hex ? 2 : 0);
	for (p->at = first; digit_value(peek(p), base, &digit); p->at++) {
		if (value > (UINT64_MAX - digit) / base) {
			return fail_at(p, AXB_ERR_ARG, begin, "the number has more than 64 bits");
		}
		value = value * base + digit;
	}
	if (p->at == first) {
		p->at = begin;
		return fail(p, "a number is missing");
	}
	*out = value;
	return AXB_OK;
}

/* A number with a sign, which is there. */
static enum axb_status take_offset(struct parser *p, int64_t *out)
{
	size_t begin = p->at;
	bool is_negative = peek(p) == '-';
	uint64_t value = 0;
	p->at++;
	AXB_TRY(take_number(p, &value));
	if (value > INT64_MAX) {
		return fail_at(p, AXB_ERR_ARG, begin, "the offset has more than 63 bits");
	}
	*out = is_negative ? -(int64_t)value : (int64_t)value;
	return AXB_OK;
}

static enum axb_status add_read(
	struct parser *p, struct axb_fetch_arg *arg, size_t column, int64_t offset)
{
	if (arg->reads == AXB_FETCH_READ_MAX) {
		return fail_at(
			p, AXB_ERR_LIMIT, column, "memory is read more than 4 times for a value");
	}
	arg->offsets[arg->reads++] = offset;
	return AXB_OK;
}

static enum axb_status take_register(struct parser *p, struct axb_fetch_arg *arg)
{
	const struct axb_fetch_arch *arch = p->target->arch;
	struct axb_nearest nearest;
	char name[WORD_MAX];
	size_t begin = p->at;
	if (!take_word(p, is_word, name)) {
		return fail(p, "the name of a register is missing");
	}
	axb_nearest_init(&nearest, name);
	for (uint32_t i = 0; i < arch->reg_count; i++) {
		if (axb_streq(arch->regs[i].name, name)) {
			arg->value = arch->regs[i].offset;
			arg->is_reg = true;
			return AXB_OK;
		}
		axb_nearest_offer(&nearest, arch->regs[i].name);
	}
	return fail_nearest(p, begin, "no register has this name", &nearest);
}

/* The number at the end of "argN". */
static bool has_number(const char *word, const char *prefix, uint64_t *number)
{
	size_t length = axb_strnlen(prefix, WORD_MAX);
	return axb_str_has_prefix(word, prefix) && is_digit(word[length]) &&
	       axb_parse_u64(word + length, number);
}

static enum axb_status use_argument(
	struct parser *p, size_t begin, uint64_t number, struct axb_fetch_arg *arg)
{
	const struct axb_fetch_arch *arch = p->target->arch;
	if (p->target->is_return) {
		return fail_at(p, AXB_ERR_ARG, begin, "at a return the arguments are gone");
	}
	if (number == 0) {
		return fail_at(p, AXB_ERR_ARG, begin, "arguments are counted from $arg1");
	}
	if (number > arch->argument_count) {
		return fail_at(p, AXB_ERR_LIMIT, begin, "so many arguments are not in registers");
	}
	arg->value = arch->arguments[number - 1];
	arg->is_reg = true;
	return AXB_OK;
}

static enum axb_status unknown_variable(struct parser *p, size_t begin, const char *word)
{
	static const char *const words[] = {"arg1", "retval", "stack", "stack0"};
	struct axb_nearest nearest;
	if (axb_streq(word, "comm")) {
		return fail_at(p, AXB_ERR_UNSUPPORTED, begin, "there are no tasks with names here");
	}
	axb_nearest_init(&nearest, word);
	for (size_t i = 0; i < AXB_ARRAY_COUNT(words); i++) {
		axb_nearest_offer(&nearest, words[i]);
	}
	return fail_nearest(p, begin, "there are $argN, $retval, $stack and $stackN", &nearest);
}

static enum axb_status take_variable(
	struct parser *p, struct axb_fetch *fetch, struct axb_fetch_arg *arg)
{
	char word[WORD_MAX];
	uint64_t number = 0;
	size_t begin = p->at;
	if (!take_word(p, is_word, word)) {
		return fail(p, "there are $argN, $retval, $stack and $stackN");
	}
	if (has_number(word, "arg", &number)) {
		fetch->uses_arguments = true;
		return use_argument(p, begin, number, arg);
	}
	arg->is_reg = true;
	arg->value = p->target->arch->sp;
	if (axb_streq(word, "stack")) {
		return AXB_OK;
	}
	if (has_number(word, "stack", &number)) {
		if (number > UINT32_MAX) {
			return fail_at(p, AXB_ERR_LIMIT, begin, "that is beyond every stack");
		}
		return add_read(p, arg, begin, (int64_t)number * 8);
	}
	if (axb_streq(word, "retval")) {
		arg->value = p->target->arch->result;
		return p->target->is_return ? AXB_OK
					    : fail_at(p, AXB_ERR_ARG, begin,
						      "only a return probe knows the result");
	}
	return unknown_variable(p, begin, word);
}

/* "@0x1000", "@symbol", "@symbol+8". */
static enum axb_status take_memory(struct parser *p, struct axb_fetch_arg *arg)
{
	const struct axb_fetch_target *target = p->target;
	char name[WORD_MAX];
	size_t begin = p->at;
	int64_t offset = 0;
	if (is_digit(peek(p))) {
		AXB_TRY(take_number(p, &arg->value));
		return add_read(p, arg, begin, 0);
	}
	if (!take_word(p, is_symbol, name)) {
		return fail(p, "an address or a symbol is missing");
	}
	if (target->symbol == NULL || !target->symbol(target->cookie, name, &arg->value)) {
		return fail_at(p, AXB_ERR_NOT_FOUND, begin, "no symbol has this name");
	}
	if (peek(p) == '+' || peek(p) == '-') {
		AXB_TRY(take_offset(p, &offset));
	}
	return add_read(p, arg, begin, offset);
}

static enum axb_status take_immediate(struct parser *p, struct axb_fetch_arg *arg)
{
	int64_t offset = 0;
	if (peek(p) == '"') {
		return fail_at(p, AXB_ERR_UNSUPPORTED, p->at, "a text is no argument here");
	}
	if (peek(p) != '+' && peek(p) != '-') {
		return take_number(p, &arg->value);
	}
	AXB_TRY(take_offset(p, &offset));
	arg->value = (uint64_t)offset;
	return AXB_OK;
}

static enum axb_status take_base(
	struct parser *p, struct axb_fetch *fetch, struct axb_fetch_arg *arg)
{
	if (take(p, '%')) {
		return take_register(p, arg);
	}
	if (take(p, '$')) {
		return take_variable(p, fetch, arg);
	}
	if (take(p, '@')) {
		return take_memory(p, arg);
	}
	if (take(p, '\\')) {
		return take_immediate(p, arg);
	}
	return fail(p, "an argument begins with % $ @ \\ + or -");
}

/* Reads are written from the last to the first: "+8(+0(%x0))". */
static enum axb_status take_fetch(
	struct parser *p, struct axb_fetch *fetch, struct axb_fetch_arg *arg)
{
	int64_t offsets[AXB_FETCH_READ_MAX] = {0};
	size_t columns[AXB_FETCH_READ_MAX] = {0};
	uint32_t count = 0;
	while (peek(p) == '+' || peek(p) == '-') {
		if (count == AXB_FETCH_READ_MAX) {
			return fail_at(p, AXB_ERR_LIMIT, p->at,
				"memory is read more than 4 times for a value");
		}
		if (p->text[p->at + 1] == 'u') {
			return fail_at(
				p, AXB_ERR_UNSUPPORTED, p->at + 1, "there is no user memory here");
		}
		columns[count] = p->at;
		AXB_TRY(take_offset(p, &offsets[count++]));
		if (!take(p, '(')) {
			return fail(p, "what it is an offset to stands in ()");
		}
	}
	AXB_TRY(take_base(p, fetch, arg));
	for (; count != 0; count--) {
		if (!take(p, ')')) {
			return fail(p, ") is missing");
		}
		AXB_TRY(add_read(p, arg, columns[count - 1], offsets[count - 1]));
	}
	return AXB_OK;
}

/* "b4@8/32": 4 bits from bit 8 on of 32. */
static enum axb_status take_bits(struct parser *p, struct axb_fetch_arg *arg)
{
	uint64_t width = 0;
	uint64_t offset = 0;
	uint64_t size = 0;
	size_t begin = p->at++;
	AXB_TRY(take_number(p, &width));
	if (!take(p, '@')) {
		return fail(p, "a bit field is written bWIDTH@OFFSET/SIZE");
	}
	AXB_TRY(take_number(p, &offset));
	if (!take(p, '/')) {
		return fail(p, "a bit field is written bWIDTH@OFFSET/SIZE");
	}
	size_t size_at = p->at;
	AXB_TRY(take_number(p, &size));
	if (size != 8 && size != 16 && size != 32 && size != VALUE_BITS) {
		return fail_at(p, AXB_ERR_ARG, size_at, "bits are of 8, 16, 32 or 64");
	}
	if (width == 0 || width > size || offset > size - width) {
		return fail_at(p, AXB_ERR_ARG, begin, "there are no such bits");
	}
	arg->size = (uint8_t)(size / 8);
	arg->display = 'u';
	arg->shift_up = (uint8_t)(VALUE_BITS - width - offset);
	arg->shift_down = (uint8_t)(VALUE_BITS - width);
	return AXB_OK;
}

static void set_type(struct axb_fetch_arg *arg, const struct type *type)
{
	uint8_t shift = (uint8_t)(type->size == 0 ? 0 : VALUE_BITS - type->size * 8u);
	arg->size = type->size;
	arg->is_signed = type->is_signed;
	arg->display = type->display;
	arg->shift_up = shift;
	arg->shift_down = shift;
}

static enum axb_status unknown_type(struct parser *p, size_t begin, const char *word)
{
	struct axb_nearest nearest;
	for (size_t i = 0; i < AXB_ARRAY_COUNT(refused_types); i++) {
		if (axb_streq(refused_types[i].name, word)) {
			return fail_at(p, AXB_ERR_UNSUPPORTED, begin, refused_types[i].why);
		}
	}
	axb_nearest_init(&nearest, word);
	for (size_t i = 0; i < AXB_ARRAY_COUNT(types); i++) {
		axb_nearest_offer(&nearest, types[i].name);
	}
	return fail_nearest(p, begin, "no type has this name", &nearest);
}

static enum axb_status take_named_type(struct parser *p, struct axb_fetch_arg *arg)
{
	char word[WORD_MAX];
	size_t begin = p->at;
	if (!take_word(p, is_word, word)) {
		return fail(p, "the type is missing");
	}
	for (size_t i = 0; i < AXB_ARRAY_COUNT(types); i++) {
		if (!axb_streq(types[i].name, word)) {
			continue;
		}
		set_type(arg, &types[i]);
		if (arg->size == 0 && arg->reads == 0) {
			return fail_at(
				p, AXB_ERR_ARG, begin, "a string is in memory: +0(...):string");
		}
		return AXB_OK;
	}
	return unknown_type(p, begin, word);
}

static enum axb_status take_type(struct parser *p, struct axb_fetch_arg *arg)
{
	static const struct type type_default = {"x64", 8, false, 'x'};
	set_type(arg, &type_default);
	if (take(p, ':')) {
		bool is_bits = peek(p) == 'b' && is_digit(p->text[p->at + 1]);
		AXB_TRY(is_bits ? take_bits(p, arg) : take_named_type(p, arg));
	}
	if (peek(p) == '[') {
		return fail_at(p, AXB_ERR_UNSUPPORTED, p->at,
			"arrays are not supported: name their elements one by one");
	}
	return AXB_OK;
}

static bool is_name_used(const struct axb_fetch *fetch, const char *name)
{
	for (uint32_t i = 0; i < fetch->count; i++) {
		if (axb_streq(fetch->args[i].name, name)) {
			return true;
		}
	}
	return false;
}

/* "NAME=", or "argN" by its place. */
static enum axb_status take_name(
	struct parser *p, const struct axb_fetch *fetch, struct axb_fetch_arg *arg)
{
	char word[WORD_MAX];
	struct axb_text text;
	size_t begin = p->at;
	axb_text_init(&text, arg->name, sizeof(arg->name));
	if (take_word(p, is_word, word)) {
		if (!take(p, '=')) {
			p->at = begin;
			return fail(p, "an argument begins with NAME= or % $ @ \\ + or -");
		}
		if (is_digit(word[0])) {
			return fail_at(p, AXB_ERR_ARG, begin, "a name begins with a letter or _");
		}
		axb_text_str(&text, word);
	} else {
		axb_text_str(&text, "arg");
		axb_text_u64(&text, fetch->count + 1);
	}
	if (text.cut) {
		return fail_at(p, AXB_ERR_LIMIT, begin, "a name has more than 23 characters");
	}
	return is_name_used(fetch, arg->name)
		       ? fail_at(p, AXB_ERR_EXISTS, begin, "another argument has this name")
		       : AXB_OK;
}

/* Strings share what numbers leave, the first ones get what does not divide. */
static enum axb_status share_slots(struct parser *p, struct axb_fetch *fetch)
{
	uint32_t strings = 0;
	for (uint32_t i = 0; i < fetch->count; i++) {
		strings += fetch->args[i].size == 0;
	}
	uint32_t left = AXB_EVENT_ARG_MAX - (fetch->count - strings);
	for (uint32_t i = 0; i < fetch->count; i++) {
		struct axb_fetch_arg *arg = &fetch->args[i];
		arg->slot = (uint8_t)fetch->slots;
		arg->slots = 1;
		if (arg->size == 0) {
			arg->slots = (uint8_t)((left + strings - 1) / strings);
			left -= arg->slots;
			strings--;
		}
		fetch->slots += arg->slots;
	}
	return fetch->count == 0 ? fail(p, "an argument is missing") : AXB_OK;
}

enum axb_status axb_fetch_parse(const char *text, const struct axb_fetch_target *target,
	struct axb_fetch *out, struct axb_fetch_error *why)
{
	struct parser p = {.text = text, .target = target, .why = why};
	memset(out, 0, sizeof(*out));
	for (;;) {
		while (is_blank(peek(&p))) {
			p.at++;
		}
		if (peek(&p) == '\0') {
			return share_slots(&p, out);
		}
		if (out->count == AXB_EVENT_ARG_MAX) {
			return fail_at(
				&p, AXB_ERR_LIMIT, p.at, "an event has room for 4 arguments");
		}
		struct axb_fetch_arg *arg = &out->args[out->count];
		AXB_TRY(take_name(&p, out, arg));
		AXB_TRY(take_fetch(&p, out, arg));
		AXB_TRY(take_type(&p, arg));
		if (peek(&p) != '\0' && !is_blank(peek(&p))) {
			return fail(&p, "the argument should end here");
		}
		out->count++;
	}
}

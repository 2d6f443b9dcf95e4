/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: Linux kernel/bpf/helpers.c, bpf_bprintf_prepare(), for what is accepted; lib/vsprintf.c for
 * what it looks like.
 */
#include "runtime/helpers/format.h"

#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/base/limits.h"
#include "runtime/base/mem.h"
#include "runtime/helpers/safe_copy.h"

/* Wider than any text that can be printed; keeps the width from wrapping. */
#define WIDTH_MAX AXB_PRINTK_MAX

enum kind {
	KIND_PERCENT,
	KIND_SIGNED,
	KIND_UNSIGNED,
	KIND_HEX,
	KIND_HEX_UPPER,
	KIND_POINTER,
	KIND_CHAR,
	KIND_STRING,
};

struct directive {
	enum kind kind;
	bool wide; /**< 64 bits, else 32 */
	bool left;
	bool plus;
	bool space;
	bool zero;
	size_t width;
};

/** @s stands behind "%" and flags; returns what follows the conversion, NULL for an unknown one. */
static const char *parse_conversion(const char *s, struct directive *d)
{
	if (s[0] == 'p') {
		d->kind = KIND_POINTER;
		return s[1] == 'x' || s[1] == 'K' ? s + 2 : s + 1;
	}
	if (s[0] == 'c' || s[0] == 's') {
		d->kind = s[0] == 'c' ? KIND_CHAR : KIND_STRING;
		return s + 1;
	}
	for (int i = 0; i < 2 && s[0] == 'l'; i++) {
		d->wide = true;
		s++;
	}
	switch (s[0]) {
	case 'd':
	case 'i':
		d->kind = KIND_SIGNED;
		return s + 1;
	case 'u':
		d->kind = KIND_UNSIGNED;
		return s + 1;
	case 'x':
		d->kind = KIND_HEX;
		return s + 1;
	case 'X':
		d->kind = KIND_HEX_UPPER;
		return s + 1;
	default:
		return NULL;
	}
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/** @s stands behind "%"; returns what follows the directive, NULL for an unknown one. */
static const char *parse(const char *s, struct directive *d)
{
	struct directive none = {KIND_PERCENT, false, false, false, false, false, 0};
	*d = none;
	if (s[0] == '%') {
		return s + 1;
	}
	for (;; s++) {
		if (s[0] == '-') {
			d->left = true;
		} else if (s[0] == '+') {
			d->plus = true;
		} else if (s[0] == ' ') {
			d->space = true;
		} else if (s[0] == '0') {
			d->zero = true;
		} else {
			break;
		}
	}
	for (; s[0] >= '0' && s[0] <= '9'; s++) {
		d->width = d->width * 10 + (size_t)(s[0] - '0');
		d->width = d->width > WIDTH_MAX ? WIDTH_MAX : d->width;
	}
	/* "%pks" and "%pus" are Linux's text from the kernel and from user space. */
	if (s[0] == 'p' && (s[1] == 'k' || s[1] == 'u') && s[2] == 's') {
		d->kind = KIND_STRING;
		return s + 3;
	}
	const char *end = parse_conversion(s, d);
	/* Letters behind %p choose among Linux's many pointer formats: not here. */
	if (end != NULL && d->kind == KIND_POINTER && is_alnum(end[0])) {
		return NULL;
	}
	return end;
}

static bool check_format(const char *format, size_t size, uint32_t arg_count)
{
	uint32_t used = 0;
	size_t length = axb_strnlen(format, size);
	if (length == size) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)format[i];
		if ((c < ' ' && (c < '\t' || c > '\r')) || c > '~') {
			return false;
		}
	}
	for (const char *s = format; s[0] != '\0';) {
		struct directive d;
		if (s[0] != '%') {
			s++;
			continue;
		}
		s = parse(s + 1, &d);
		if (s == NULL || (d.kind != KIND_PERCENT && used++ == arg_count)) {
			return false;
		}
	}
	return true;
}

static void put_repeated(struct axb_text *out, char c, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		axb_text_char(out, c);
	}
}

/** @sign, then @digits, in the directive's field. */
static void put_field(
	struct axb_text *out, const struct directive *d, const char *sign, const char *digits)
{
	size_t length = axb_strnlen(sign, 1) + axb_strnlen(digits, AXB_PRINTK_MAX);
	size_t padding = d->width > length ? d->width - length : 0;
	if (!d->left && !d->zero) {
		put_repeated(out, ' ', padding);
	}
	axb_text_str(out, sign);
	if (!d->left && d->zero) {
		put_repeated(out, '0', padding);
	}
	axb_text_str(out, digits);
	if (d->left) {
		put_repeated(out, ' ', padding);
	}
}

static void put_hex(struct axb_text *out, const struct directive *d, uint64_t value)
{
	char digits[20];
	struct axb_text t;
	axb_text_init(&t, digits, sizeof(digits));
	axb_text_hex(&t, value, d->kind == KIND_POINTER ? 16 : 1);
	for (size_t i = 0; d->kind == KIND_HEX_UPPER && digits[i] != '\0'; i++) {
		if (digits[i] >= 'a') {
			digits[i] = (char)(digits[i] - 'a' + 'A');
		}
	}
	put_field(out, d, "", digits);
}

static void put_decimal(struct axb_text *out, const struct directive *d, uint64_t value)
{
	char digits[24];
	struct axb_text t;
	bool negative = d->kind == KIND_SIGNED && (int64_t)value < 0;
	const char *sign = "";
	if (negative) {
		sign = "-";
		value = 0 - value;
	} else if (d->kind == KIND_SIGNED) {
		sign = d->plus ? "+" : d->space ? " " : "";
	}
	axb_text_init(&t, digits, sizeof(digits));
	axb_text_u64(&t, value);
	put_field(out, d, sign, digits);
}

static void put_text(struct axb_text *out, const struct directive *d, uint64_t address)
{
	char text[AXB_PRINTK_MAX];
	struct directive plain = *d;
	plain.zero = false;
	(void)axb_safe_copy_text(text, sizeof(text), address);
	put_field(out, &plain, "", text);
}

static void put_char(struct axb_text *out, const struct directive *d, uint64_t value)
{
	size_t padding = d->width > 1 ? d->width - 1 : 0;
	put_repeated(out, ' ', d->left ? 0 : padding);
	axb_text_char(out, (char)value);
	put_repeated(out, ' ', d->left ? padding : 0);
}

static void put(struct axb_text *out, const struct directive *d, uint64_t value)
{
	switch (d->kind) {
	case KIND_PERCENT:
		axb_text_char(out, '%');
		break;
	case KIND_SIGNED:
		put_decimal(out, d, d->wide ? value : (uint64_t)(int64_t)(int32_t)value);
		break;
	case KIND_UNSIGNED:
		put_decimal(out, d, d->wide ? value : (uint32_t)value);
		break;
	case KIND_HEX:
	case KIND_HEX_UPPER:
		put_hex(out, d, d->wide ? value : (uint32_t)value);
		break;
	case KIND_POINTER:
		put_hex(out, d, value);
		break;
	case KIND_CHAR:
		put_char(out, d, value);
		break;
	case KIND_STRING:
		put_text(out, d, value);
		break;
	}
}

int64_t axb_format(struct axb_text *out, const char *format, size_t format_size,
	const uint64_t *args, uint32_t arg_count)
{
	uint32_t used = 0;
	if (!check_format(format, format_size, arg_count)) {
		return -AXB_EINVAL;
	}
	for (const char *s = format; s[0] != '\0';) {
		struct directive d;
		if (s[0] != '%') {
			axb_text_char(out, *s++);
			continue;
		}
		s = parse(s + 1, &d);
		put(out, &d, d.kind == KIND_PERCENT ? 0 : args[used++]);
	}
	return 0;
}

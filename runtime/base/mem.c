/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/base/mem.h"

size_t axb_strnlen(const char *s, size_t max)
{
	size_t n = 0;
	while (n < max && s[n] != '\0') {
		n++;
	}
	return n;
}

bool axb_streq(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool axb_str_has_prefix(const char *s, const char *prefix)
{
	while (*prefix != '\0') {
		if (*s++ != *prefix++) {
			return false;
		}
	}
	return true;
}

bool axb_strcpy(char *to, size_t size, const char *from)
{
	if (size == 0) {
		return false;
	}
	size_t n = axb_strnlen(from, size);
	size_t kept = n < size ? n : size - 1;
	memcpy(to, from, kept);
	to[kept] = '\0';
	return n < size;
}

/* One bracket expression at *pattern (after '['); moves *pattern behind ']'. An expression without
 * its ']' matches nothing. */
static bool class_matches(const char **pattern, char c)
{
	const char *p = *pattern;
	bool negated = *p == '!';
	bool found = false;
	if (negated) {
		p++;
	}
	for (bool first = true; *p != '\0' && (*p != ']' || first); first = false) {
		char low = *p++;
		char high = low;
		if (p[0] == '-' && p[1] != '\0' && p[1] != ']') {
			high = p[1];
			p += 2;
		}
		found = found || (low <= c && c <= high);
	}
	if (*p != ']') {
		return false;
	}
	*pattern = p + 1;
	return found != negated;
}

bool axb_glob_match(const char *pattern, const char *s)
{
	/* Only the last star needs to be retried: an earlier one could not do better. */
	const char *star = NULL;
	const char *retry = NULL;
	while (*s != '\0') {
		const char *p = pattern;
		if (*p == '*') {
			star = ++pattern;
			retry = s;
			continue;
		}
		bool matches = *p == '?' || (*p == *s && *p != '[');
		if (*p != '\0') {
			p++;
		}
		if (p[0] != '\0' && pattern[0] == '[') {
			matches = class_matches(&p, *s);
		}
		if (matches) {
			pattern = p;
			s++;
		} else if (star != NULL) {
			pattern = star;
			s = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*') {
		pattern++;
	}
	return *pattern == '\0';
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The four library functions that a freestanding compiler may call on its own and that every
 * platform therefore supplies (C11 4p6; GCC manual "Standards"), and string basics on top of them.
 * Any context.
 */
#ifndef AXB_RUNTIME_BASE_MEM_H_
#define AXB_RUNTIME_BASE_MEM_H_

#include <stdbool.h>
#include <stddef.h>

#if __STDC_HOSTED__
#include <string.h>
#else
#ifdef __cplusplus
extern "C" {
#endif
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
#ifdef __cplusplus
}
#endif
/* The compiler does not know these when it is told -ffreestanding, and would call them for copies
 * of a few words. Files that define them name them in parentheses. */
#define memcpy(to, from, size) __builtin_memcpy(to, from, size)
#define memset(to, byte, size) __builtin_memset(to, byte, size)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Length of the string at @s, at most @max. */
size_t axb_strnlen(const char *s, size_t max);

/** Are the two NUL-terminated strings equal? */
bool axb_streq(const char *a, const char *b);

/** Does @s begin with @prefix? */
bool axb_str_has_prefix(const char *s, const char *prefix);

/**
 * Copy @from into @to of @size bytes, always NUL-terminated (when @size > 0).
 * @return false when it was cut.
 */
bool axb_strcpy(char *to, size_t size, const char *from);

/** Shell pattern match of the whole of @s: `*`, `?`, `[a-z]`, `[!a-z]`; linear time per star. */
bool axb_glob_match(const char *pattern, const char *s);

#ifdef __cplusplus
}
#endif

#endif

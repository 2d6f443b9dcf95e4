/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * JSON objects, one a line, to stdout. Text may be any bytes: what is no UTF-8 becomes \xNN.
 * In arrays @key is NULL.
 */
#ifndef AXB_PLATFORMS_HOST_CLI_JSON_H_
#define AXB_PLATFORMS_HOST_CLI_JSON_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Begin a line and its object. */
void json_line(void);
/** End them. */
void json_line_end(void);

void json_u64(const char *key, uint64_t value);
void json_i64(const char *key, int64_t value);
void json_null(const char *key);
void json_text(const char *key, const char *value);
/** Text of at most @size bytes, up to a NUL. */
void json_textn(const char *key, const char *value, size_t size);
/** Bytes as hex. */
void json_bytes(const char *key, const uint8_t *bytes, size_t size);
void json_bool(const char *key, bool value);

/** A member that is an object ('{', '}') or an array ('[', ']'), and its end. */
void json_open(const char *key, char bracket);
void json_close(char bracket);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A line editor for a terminal at the end of a serial line: typed bytes in, bytes for the screen
 * and whole lines out. Keys: arrows, Home, End, Delete, Backspace; Control-A -E -B -F beginning,
 * end, back, forth; -K -U -W cut to the end, the line, a word; -C gives the line up; -L draws it
 * anew; up and down (-P -N) the history; Tab completes. Understands and uses VT100 sequences. No
 * allocation; context: thread.
 */
#ifndef AXB_PLATFORMS_SHELL_EDITOR_H_
#define AXB_PLATFORMS_SHELL_EDITOR_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest line, NUL included. */
#define EDITOR_LINE_MAX 256u
#define EDITOR_HISTORY_MAX 32u

struct editor;

/** The words that one may mean, while they are looked for. */
struct editor_offers;

struct editor_config {
	const char *prompt;
	/** To the screen; "\n" goes to the start of the next line. */
	void (*write)(void *cookie, const char *bytes, size_t size);
	/** A line was finished. */
	void (*run)(void *cookie, const char *line);
	/**
	 * Call editor_offer() with every word that can stand behind @before, which is the line as
	 * far as the last blank before the cursor. NULL = no completion.
	 */
	void (*complete)(void *cookie, const char *before, struct editor_offers *offers);
	void *cookie;
};

/** All zero but for .config at first. */
struct editor {
	struct editor_config config;
	char line[EDITOR_LINE_MAX];
	uint32_t length;
	uint32_t cursor;
	uint8_t escape;    /**< how much of an escape sequence was seen */
	uint8_t parameter; /**< its number */
	bool was_return;   /**< a newline right behind it is part of it */
	char history[EDITOR_HISTORY_MAX][EDITOR_LINE_MAX];
	uint32_t history_count;      /**< lines ever kept */
	uint32_t history_back;       /**< how far back we look; 0 = at the line being typed */
	char typed[EDITOR_LINE_MAX]; /**< the line being typed, while older ones are shown */
};

/** Show the prompt and what is typed so far, at the start of a line. */
void editor_draw(struct editor *editor);

/** One typed byte. */
void editor_key(struct editor *editor, char key);

/** A whole word; nothing happens when it does not begin with what is typed of it. */
void editor_offer(struct editor_offers *offers, const char *word);

/** What is typed of the word, so that long lists can be searched for it. */
const char *editor_offers_prefix(const struct editor_offers *offers);

#ifdef __cplusplus
}
#endif

#endif

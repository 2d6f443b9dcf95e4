/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: ECMA-48 (CUF, CUB, EL), as terminals have them since the VT100.
 */
#include "platforms/shell/editor.h"

#include "runtime/base/mem.h"
#include "runtime/base/text.h"

#define CONTROL(c) ((c) & 0x1f)
#define ESCAPE 0x1b
#define DELETE 0x7f
#define ERASE_TO_END "\033[K"
#define OFFERS_SHOWN 48u

/* Of an escape sequence: nothing, ESC, ESC [ or ESC O. */
enum {
	NO_ESCAPE = 0,
	SAW_ESCAPE,
	IN_SEQUENCE,
};

static void put(const struct editor *e, const char *bytes, size_t size)
{
	e->config.write(e->config.cookie, bytes, size);
}

static void put_text(const struct editor *e, const char *text)
{
	put(e, text, axb_strnlen(text, SIZE_MAX));
}

/* Move the terminal's cursor @count columns: 'C' to the right, 'D' to the left. */
static void move(const struct editor *e, uint32_t count, char direction)
{
	char buffer[16];
	struct axb_text text;
	if (count == 0) {
		return;
	}
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, "\033[");
	axb_text_u64(&text, count);
	axb_text_char(&text, direction);
	put(e, text.buffer, text.length);
}

/* From the cursor on: write the rest of the line, clear what was behind it, come back. */
static void draw_rest(const struct editor *e)
{
	put(e, e->line + e->cursor, e->length - e->cursor);
	put_text(e, ERASE_TO_END);
	move(e, e->length - e->cursor, 'D');
}

void editor_draw(struct editor *e)
{
	put_text(e, e->config.prompt);
	put(e, e->line, e->length);
	move(e, e->length - e->cursor, 'D');
}

static void go_to(struct editor *e, uint32_t cursor)
{
	if (cursor < e->cursor) {
		move(e, e->cursor - cursor, 'D');
	} else {
		move(e, cursor - e->cursor, 'C');
	}
	e->cursor = cursor;
}

static void insert(struct editor *e, const char *text, size_t size)
{
	if (size >= sizeof(e->line) - e->length) {
		return;
	}
	memmove(e->line + e->cursor + size, e->line + e->cursor, e->length - e->cursor);
	memcpy(e->line + e->cursor, text, size);
	e->length += (uint32_t)size;
	put(e, text, size);
	e->cursor += (uint32_t)size;
	if (e->cursor != e->length) {
		draw_rest(e);
	}
}

/* Take out [@from, @to), which begins at or before the cursor and ends at or behind it. */
static void cut(struct editor *e, uint32_t from, uint32_t to)
{
	go_to(e, from);
	memmove(e->line + from, e->line + to, e->length - to);
	e->length -= to - from;
	draw_rest(e);
}

static uint32_t word_start(const struct editor *e)
{
	uint32_t at = e->cursor;
	while (at > 0 && e->line[at - 1] == ' ') {
		at--;
	}
	while (at > 0 && e->line[at - 1] != ' ') {
		at--;
	}
	return at;
}

static void set_line(struct editor *e, const char *text)
{
	go_to(e, 0);
	(void)axb_strcpy(e->line, sizeof(e->line), text);
	e->length = (uint32_t)axb_strnlen(e->line, sizeof(e->line));
	draw_rest(e);
	go_to(e, e->length);
}

/* History. */

static char *history_line(struct editor *e, uint32_t back)
{
	return e->history[(e->history_count - back) % EDITOR_HISTORY_MAX];
}

static void keep_line(struct editor *e)
{
	bool is_new = e->history_count == 0 || !axb_streq(history_line(e, 1), e->line);
	if (e->length != 0 && is_new) {
		memcpy(e->history[e->history_count % EDITOR_HISTORY_MAX], e->line, e->length + 1);
		e->history_count++;
	}
	e->history_back = 0;
}

static void look_back(struct editor *e, bool further)
{
	uint32_t kept =
		e->history_count < EDITOR_HISTORY_MAX ? e->history_count : EDITOR_HISTORY_MAX;
	if (further ? e->history_back == kept : e->history_back == 0) {
		return;
	}
	e->line[e->length] = '\0';
	if (e->history_back == 0) {
		memcpy(e->typed, e->line, e->length + 1);
	}
	e->history_back += further ? 1 : UINT32_MAX;
	set_line(e, e->history_back == 0 ? e->typed : history_line(e, e->history_back));
}

/* Completion. */

struct editor_offers {
	const struct editor *editor;
	char before[EDITOR_LINE_MAX];
	char prefix[EDITOR_LINE_MAX];
	bool show;
	uint32_t count;
	char common[EDITOR_LINE_MAX]; /* what all begin with */
};

const char *editor_offers_prefix(const struct editor_offers *offers)
{
	return offers->prefix;
}

static void show_offer(const struct editor_offers *offers, const char *word)
{
	if (offers->count < OFFERS_SHOWN) {
		put_text(offers->editor, word);
		put_text(offers->editor, "  ");
	} else if (offers->count == OFFERS_SHOWN) {
		put_text(offers->editor, "...");
	}
}

void editor_offer(struct editor_offers *offers, const char *word)
{
	if (!axb_str_has_prefix(word, offers->prefix)) {
		return;
	}
	if (offers->show) {
		show_offer(offers, word);
	} else if (offers->count == 0) {
		(void)axb_strcpy(offers->common, sizeof(offers->common), word);
	} else {
		uint32_t same = 0;
		while (offers->common[same] != '\0' && offers->common[same] == word[same]) {
			same++;
		}
		offers->common[same] = '\0';
	}
	offers->count++;
}

/* Ask for the words that can stand at the cursor. */
static void gather(const struct editor *e, struct editor_offers *offers, bool show)
{
	uint32_t start = e->cursor;
	memset(offers, 0, sizeof(*offers));
	while (start > 0 && e->line[start - 1] != ' ') {
		start--;
	}
	offers->editor = e;
	offers->show = show;
	memcpy(offers->before, e->line, start);
	memcpy(offers->prefix, e->line + start, e->cursor - start);
	e->config.complete(e->config.cookie, offers->before, offers);
}

static void complete(struct editor *e)
{
	struct editor_offers offers;
	if (e->config.complete == NULL) {
		return;
	}
	gather(e, &offers, false);
	uint32_t count = offers.count;
	size_t have = axb_strnlen(offers.prefix, sizeof(offers.prefix));
	size_t length = axb_strnlen(offers.common, sizeof(offers.common));
	if (length > have) {
		insert(e, offers.common + have, length - have);
	} else if (count > 1) {
		put_text(e, "\n");
		gather(e, &offers, true);
		put_text(e, "\n");
		editor_draw(e);
	}
	if (count == 1) {
		insert(e, " ", 1);
	}
}

/* Keys. */

static void finish(struct editor *e)
{
	char line[EDITOR_LINE_MAX];
	e->line[e->length] = '\0';
	keep_line(e);
	memcpy(line, e->line, e->length + 1);
	e->length = e->cursor = 0;
	put_text(e, "\n");
	e->config.run(e->config.cookie, line);
	editor_draw(e);
}

static void give_up(struct editor *e)
{
	e->length = e->cursor = 0;
	e->history_back = 0;
	put_text(e, "^C\n");
	editor_draw(e);
}

static void backspace(struct editor *e)
{
	if (e->cursor > 0) {
		cut(e, e->cursor - 1, e->cursor);
	}
}

static void delete_forward(struct editor *e)
{
	if (e->cursor < e->length) {
		cut(e, e->cursor, e->cursor + 1);
	}
}

static void control_key(struct editor *e, char key)
{
	switch (key) {
	case CONTROL('A'):
		go_to(e, 0);
		break;
	case CONTROL('B'):
		go_to(e, e->cursor - (e->cursor > 0));
		break;
	case CONTROL('C'):
		give_up(e);
		break;
	case CONTROL('D'):
		delete_forward(e);
		break;
	case CONTROL('E'):
		go_to(e, e->length);
		break;
	case CONTROL('F'):
		go_to(e, e->cursor + (e->cursor < e->length));
		break;
	case CONTROL('H'):
	case DELETE:
		backspace(e);
		break;
	case CONTROL('I'):
		complete(e);
		break;
	case CONTROL('K'):
		cut(e, e->cursor, e->length);
		break;
	case CONTROL('L'):
		put_text(e, "\r" ERASE_TO_END);
		editor_draw(e);
		break;
	case CONTROL('N'):
		look_back(e, false);
		break;
	case CONTROL('P'):
		look_back(e, true);
		break;
	case CONTROL('U'):
		cut(e, 0, e->cursor);
		break;
	case CONTROL('W'):
		cut(e, word_start(e), e->cursor);
		break;
	default:
		break;
	}
}

/* The end of ESC [ parameter key. */
static void sequence(struct editor *e, char key)
{
	/* ESC [ 1 ~ and so on: Home, Delete, End. */
	static const char numbered[] = {[1] = 'H', [3] = '3', [4] = 'F', [7] = 'H', [8] = 'F'};
	if (key == '~') {
		key = '\0';
		if (e->parameter < sizeof(numbered)) {
			key = numbered[e->parameter];
		}
	}
	switch (key) {
	case 'A':
		look_back(e, true);
		break;
	case 'B':
		look_back(e, false);
		break;
	case 'C':
		control_key(e, CONTROL('F'));
		break;
	case 'D':
		control_key(e, CONTROL('B'));
		break;
	case 'F':
		go_to(e, e->length);
		break;
	case 'H':
		go_to(e, 0);
		break;
	case '3':
		delete_forward(e);
		break;
	default:
		break;
	}
}

static void escape_key(struct editor *e, char key)
{
	if (e->escape == SAW_ESCAPE) {
		e->escape = key == '[' || key == 'O' ? IN_SEQUENCE : NO_ESCAPE;
		e->parameter = 0;
		return;
	}
	if (key >= '0' && key <= '9') {
		e->parameter = (uint8_t)(e->parameter * 10 + (key - '0'));
		return;
	}
	if (key == ';') {
		e->parameter = 0;
		return;
	}
	e->escape = NO_ESCAPE;
	sequence(e, key);
}

void editor_key(struct editor *e, char key)
{
	bool is_second = e->was_return && key == '\n';
	e->was_return = key == '\r';
	if (is_second) {
		return;
	}
	if (e->escape != NO_ESCAPE) {
		escape_key(e, key);
	} else if (key == ESCAPE) {
		e->escape = SAW_ESCAPE;
	} else if (key == '\r' || key == '\n') {
		finish(e);
	} else if (key >= ' ' && key < DELETE) {
		insert(e, &key, 1);
	} else {
		control_key(e, key);
	}
}

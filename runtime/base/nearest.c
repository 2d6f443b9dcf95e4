/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/base/nearest.h"

#include "runtime/base/mem.h"

static uint32_t min3(uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t ab = a < b ? a : b;
	return ab < c ? ab : c;
}

uint32_t axb_edit_distance(const char *a, const char *b)
{
	size_t a_length = axb_strnlen(a, AXB_NAME_MAX);
	size_t b_length = axb_strnlen(b, AXB_NAME_MAX);
	if (a_length == AXB_NAME_MAX || b_length == AXB_NAME_MAX) {
		return UINT32_MAX;
	}
	uint32_t row[AXB_NAME_MAX]; /* distances of a's first i characters to b's first j */
	for (uint32_t j = 0; j <= b_length; j++) {
		row[j] = j;
	}
	for (uint32_t i = 1; i <= a_length; i++) {
		uint32_t diagonal = row[0];
		row[0] = i;
		for (uint32_t j = 1; j <= b_length; j++) {
			uint32_t above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_length];
}

void axb_nearest_init(struct axb_nearest *search, const char *word)
{
	search->word = word;
	search->best[0] = '\0';
	search->distance = UINT32_MAX;
}

void axb_nearest_offer(struct axb_nearest *search, const char *candidate)
{
	uint32_t distance = axb_edit_distance(search->word, candidate);
	size_t third = axb_strnlen(candidate, AXB_NAME_MAX) / 3;
	if (distance <= (third == 0 ? 1 : third) && distance < search->distance) {
		search->distance = distance;
		(void)axb_strcpy(search->best, sizeof(search->best), candidate);
	}
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Room for copies of probed instructions: executable, read-only but by axb_plat_text_write(). The
 * linker scripts put it behind the text.
 */
	.section .slots, "ax", %nobits
	.balign	4096
	.globl	slot_area
	.globl	slot_area_end
slot_area:
	.skip	0x20000
slot_area_end:

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The guests' images, as arrays.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_GUESTS_IMAGES_H_
#define AXB_PLATFORMS_AARCH64_QEMU_GUESTS_IMAGES_H_

#include <stddef.h>
#include <stdint.h>

extern const uint8_t guest_caller_image[];
extern const size_t guest_caller_image_size;
extern const uint8_t guest_toucher_image[];
extern const size_t guest_toucher_image_size;

#endif

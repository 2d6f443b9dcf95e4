/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <gtest/gtest.h>

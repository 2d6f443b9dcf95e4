#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
exec qemu-aarch64 -cpu max "$1"

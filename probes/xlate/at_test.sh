#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# Our walker against QEMU's, on CPUs with and without the newer formats.
set -eu
for cpu in max cortex-a72 cortex-a57 neoverse-n1; do
	echo "$cpu:"
	timeout 120 qemu-system-aarch64 -M virt,virtualization=on,gic-version=3,highmem=off -cpu "$cpu" -m 128 \
		-nic none -display none -serial none -monitor none -semihosting-config enable=on,target=native -kernel "$1"
done

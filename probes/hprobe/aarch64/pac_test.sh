#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# Return probes on functions that sign their return addresses.
exec timeout 50 qemu-system-aarch64 -M virt,virtualization=on,gic-version=3,highmem=off -cpu max -m 128 -nic none -display none \
	-serial none -monitor none -semihosting-config enable=on,target=native -kernel "$1"

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# Our walker against QEMU's page faults, with five levels and with four.
set -eu
for cpu in max max,la57=off EPYC; do
	echo "$cpu:"
	status=0
	timeout 120 qemu-system-x86_64 -accel tcg -M q35 -cpu "$cpu" -m 128 -nic none -display none -serial none -monitor none \
		-no-reboot -debugcon stdio -device isa-debug-exit,iobase=0xf4 -kernel "$1" || status=$?
	if [ "$status" -ne 3 ]; then
		echo "status $status"
		exit 1
	fi
done

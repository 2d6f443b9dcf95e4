#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# check_test.sh PROGRAM [EMULATOR]: what the program prints on this machine. qemu-user has no ptrace.
set -eu
program=$1
emulator=${2:-}

expect() {
	found=$($emulator "$program" $1) || { echo "status $? of $1: $found"; exit 1; }
	[ "$found" = "$2" ] || { echo "$1: $found"; exit 1; }
}

expect "syscalls 1000" "syscalls: 1000 had the same result"
expect breakpoints "breakpoints: 3 of 3 became SIGTRAP"
expect "pingpong 200" "pingpong: 400 passes of the token
pingpong: 200000 increments by two CPUs"
if [ -z "$emulator" ]; then
	expect "steps 50" "steps: 50 were seen"
	expect exiting "exiting: 3 steps over 3 instructions"
	expect traced "traced: 1 breakpoint was hit at its place
traced: 1 child ended as it should"
fi
! $emulator "$program" nonsense >/dev/null

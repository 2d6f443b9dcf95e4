#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# Every instruction that objdump finds in the files given, by default in the C library and in clang's first
# megabytes of text, has the same length, target and address for our decoder.
# bazel run //probes/insn/x86_64:objdump_test -- FILE...: all of these.
set -euo pipefail
sweep=probes/insn/x86_64/sweep

if [ $# -ne 0 ]; then
	for file in "$@"; do
		echo "$file:"
		objdump -d -w "$file" | "$sweep"
	done
	exit
fi
objdump -d -w /lib/x86_64-linux-gnu/libc.so.6 | "$sweep"
# Hand-written vector code of every extension, with tables among it.
objdump -d -w /lib/x86_64-linux-gnu/libm.so.6 | "$sweep"
clang=$(readlink -f /usr/lib/llvm-19/lib/libclang-cpp.so.19.1)
objdump -d -w --start-address=0x1000000 --stop-address=0x1400000 "$clang" | "$sweep"

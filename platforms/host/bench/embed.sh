#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# Compiles the benchmark programs to bytecode and prints them as a C table (programs.h).
set -eu
echo '#include "platforms/host/bench/programs.h"'
names=
for src in "$@"; do
	name=$(basename "$src" .c)
	names="$names $name"
	obj=$(mktemp)
	/usr/bin/clang-19 -target bpf -mcpu=v3 -O2 -Wall -Wextra -Werror -ffreestanding -iquote . -c "$src" -o "$obj"
	# The engines take bare instructions.
	if /usr/bin/llvm-readelf-19 -S "$obj" | grep -qE ' \.(rel|rodata|data|bss)'; then
		echo "$src: has data or relocations" >&2
		exit 1
	fi
	/usr/bin/llvm-objcopy-19 -O binary --only-section=.text "$obj" "$obj.bin"
	echo "unsigned long long axb_bench_$name(unsigned char *mem, unsigned long long size);"
	echo "static const unsigned char ${name}_code[] __attribute__((aligned(8))) = {"
	od -An -v -tx1 "$obj.bin" | sed 's/ \(..\)/0x\1,/g'
	echo "};"
	rm -f "$obj" "$obj.bin"
done
echo "const struct bench_program bench_programs[] = {"
for name in $names; do
	echo "	{\"$name\", (const struct axb_insn *)(const void *)${name}_code, sizeof(${name}_code) / 8, axb_bench_$name},"
done
echo "};"
echo "const uint32_t bench_program_count = sizeof(bench_programs) / sizeof(bench_programs[0]);"

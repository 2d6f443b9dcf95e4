#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# run.sh PROGRAM [EMULATOR]: the program passes and has run a good number of cases.
set -eu
program=$1
emulator=${2:-}
out=$($emulator "$program")
echo "$out"
passed=$(echo "$out" | sed -n 's/^\([0-9]*\) cases passed, 0 failed$/\1/p')
[ "${passed:-0}" -gt 1000 ]

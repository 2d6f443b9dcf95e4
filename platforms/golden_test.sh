#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# golden.sh itself: equal, different, binary, accepted.
set -euo pipefail
golden=$PWD/$1
cd "$TEST_TMPDIR"
label=//x:y_test.accept

# expect WHAT STATUS PATTERN COMMAND...
expect() {
  local what=$1 status=$2 pattern=$3 found=0 out
  shift 3
  out=$("$@" 2>&1) || found=$?
  if [ "$found" -ne "$status" ] || ! grep -qe "$pattern" <<<"$out"; then
    printf '%s: status %s, wanted %s and "%s":\n%s\n' "$what" "$found" "$status" "$pattern" "$out"
    exit 1
  fi
}

mkdir -p workspace/testdata testdata
printf 'one\ntwo\n' >built
printf 'one\nTWO\n' >testdata/x.txt
cp testdata/x.txt workspace/testdata/x.txt
export BUILD_WORKSPACE_DIRECTORY=$PWD/workspace

expect "equal" 0 '^$' "$golden" check built built "$label"
expect "different: the line" 1 '^+two$' "$golden" check built testdata/x.txt "$label"
expect "different: what to do" 1 "bazel run $label" "$golden" check built testdata/x.txt "$label"
expect "accepts" 0 'testdata/x.txt rewritten' "$golden" accept built testdata/x.txt "$label"
cmp built workspace/testdata/x.txt
expect "accepts once" 0 'as built' "$golden" accept built testdata/x.txt "$label"

printf 'a\0b' >built
printf 'a\0c' >testdata/x.bin
expect "binary: the bytes" 1 '^+.*61 00 62' "$golden" check built testdata/x.bin "$label"
printf '' >empty
expect "empty against text" 1 "bazel run $label" "$golden" check empty testdata/x.txt "$label"
echo passed

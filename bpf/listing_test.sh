#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# listing_test.sh INSPECT LIST_OBJECT OBJECT...: libbpf and our reader see the same in each object.
set -uo pipefail
inspect=$1 list=$2 status=0
shift 2
for object; do
  "$inspect" "$object" "$TEST_TMPDIR/libbpf" || { echo "$object: libbpf cannot open it"; status=1; continue; }
  "$list" "$object" "$TEST_TMPDIR/ours" || { echo "$object: we cannot read it"; status=1; continue; }
  sort "$TEST_TMPDIR/libbpf" >"$TEST_TMPDIR/libbpf.sorted"
  sort "$TEST_TMPDIR/ours" >"$TEST_TMPDIR/ours.sorted"
  diff -u --label "libbpf: $object" --label "axebpf: $object" "$TEST_TMPDIR/libbpf.sorted" "$TEST_TMPDIR/ours.sorted" || status=1
  echo "$object: $(wc -l <"$TEST_TMPDIR/ours") lines compared"
done
exit $status

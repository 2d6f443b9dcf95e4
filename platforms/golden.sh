#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# golden.sh check|accept ACTUAL EXPECTED LABEL: the test and the run of golden.bzl.
set -euo pipefail
what=$1 actual=$2 expected=$3 label=$4
if [ "$what" = accept ]; then
  target=$BUILD_WORKSPACE_DIRECTORY/$expected
  if cmp -s "$actual" "$target"; then
    echo "$expected is as built"
  else
    install -m 0644 "$actual" "$target"
    echo "$expected rewritten; say in the commit why"
  fi
  exit 0
fi
cmp -s "$actual" "$expected" && exit 0
if grep -qI . "$actual" && grep -qI . "$expected"; then
  diff -u --label "$expected" --label built "$expected" "$actual" || true
else
  diff -u --label "$expected" --label built <(od -A x -t x1z -v "$expected") <(od -A x -t x1z -v "$actual") || true
fi
echo "If this is meant: bazel run $label"
exit 1

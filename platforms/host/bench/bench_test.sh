#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# The engines agree about the results, and a table comes out.
set -eu
out=$("$1" --quick)
echo "$out"
echo "$out" | grep -q "^all results are equal$"
echo "$out" | grep -q "^geomean"

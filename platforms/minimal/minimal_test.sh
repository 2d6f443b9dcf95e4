#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# minimal.c is the code of the porting guide, and works; what it leaves out is not linked.
set -eu

here=platforms/minimal
guide=runtime/hooks/README.md

python3 $here/extract.py $guide c | diff - $here/minimal.c ||
	{ echo "$here/minimal.c is not the code of $guide" >&2; exit 1; }
# The whole rule, as one line each.
rule=$(python3 $here/extract.py $guide starlark | tr -d '\n')
case $(tr -d '\n' <$here/BUILD) in
*"$rule"*) ;;
*) echo "$here/BUILD has not the rule of $guide" >&2; exit 1 ;;
esac

[ "$($here/minimal)" = "hvc 200
wfi 100" ] || { echo "wrong counts:" >&2; $here/minimal >&2; exit 1; }

symbols=$(nm $here/minimal)
case $symbols in *axb_interp*) ;; *) echo "nm does not see the interpreter" >&2; exit 1 ;; esac
for left_out in axb_helper_probe_read axb_helper_ringbuf axb_stream_begin axb_symtab_init axb_plat_copy_from; do
	case $symbols in
	*$left_out*) echo "$left_out is linked" >&2; exit 1 ;;
	esac
done

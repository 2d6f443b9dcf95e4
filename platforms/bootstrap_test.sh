#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# bootstrap.sh with a PATH of doubles: dpkg-query knows the packages of $DIR/installed, the others write
# what they are called with to $DIR/log.
set -euo pipefail
bootstrap=$PWD/$1
dir=$TEST_TMPDIR
bin=$dir/bin
sh=$(command -v sh)
mkdir -p "$bin"
ln -sf "$(command -v env)" "$bin/env"

double() {
  { echo "#!$sh"; cat; } >"$bin/$1"
  chmod +x "$bin/$1"
}

double dpkg-query <<'D'
shift 2
status=0
for p in "$@"; do
	case " $(while read -r i; do printf '%s ' "$i"; done <"$DIR/installed")" in
	*" $p "*) echo "$p installed" ;;
	*" $p:removed "*) echo "$p config-files" ;;
	*) status=1 ;;
	esac
done
exit $status
D
double apt-get <<'D'
echo "apt-get $*" >>"$DIR/log"
D
double sudo <<'D'
echo "sudo" >>"$DIR/log"
exec "$@"
D
double id <<'D'
echo "$FAKE_UID"
D

# run UID [ARGUMENT...]: the script's status, output in $dir/out, calls in $dir/log
run() {
  : >"$dir/log"
  DIR=$dir FAKE_UID=$1 PATH=$bin "$sh" "$dir/bootstrap.sh" "${@:2}" >"$dir/out" 2>&1 && echo 0 || echo $?
}
cp "$bootstrap" "$dir/bootstrap.sh"
ln -sf "$sh" "$bin/sh"
guests() {
  { echo 'echo guests >>"$DIR/log"'; echo "exit $1"; } >"$dir/guests.sh"
}
guests 0

expect() {
  [ "$2" = "$3" ] && return
  printf '%s\n  expected: %s\n  found:    %s\n' "$1" "$2" "$3"
  exit 1
}

# The words of the list in the script itself.
all=$(sed -n '/^packages="$/,/^"$/p' "$bootstrap" | grep -v '"' | tr ' ' '\n')
expect "the list is read" yes "$(grep -qx clang-19 <<<"$all" && echo yes)"

echo "$all" >"$dir/installed"
expect "all there, root: status" 0 "$(run 0)"
expect "all there, root: silent" "" "$(cat "$dir/out")"
expect "all there, root: guests only" guests "$(cat "$dir/log")"
expect "all there, user: status" 0 "$(run 1000)"
expect "all there, user: guests only" guests "$(cat "$dir/log")"
expect "no guests wanted: status" 0 "$(run 0 --no-guests)"
expect "no guests wanted: no calls" "" "$(cat "$dir/log")"
expect "wrong argument: status" 2 "$(run 0 --guests)"
expect "wrong argument: no calls" "" "$(cat "$dir/log")"
guests 1
expect "guests fail: status" 0 "$(run 0)"
expect "guests fail: said" "yes" "$(grep -q 'Again: sh platforms/guests.sh' "$dir/out" && echo yes)"
guests 0

grep -vx -e lld-19 -e gcc <<<"$all" >"$dir/installed"
expect "two missing, root: status" 0 "$(run 0)"
expect "two missing, root: calls" \
  "apt-get update -qq|apt-get install -y -qq --no-install-recommends lld-19 gcc|guests|" "$(tr '\n' '|' <"$dir/log")"
expect "two missing, sudo: status" 0 "$(run 1000)"
expect "two missing, sudo: calls" \
  "sudo|apt-get update -qq|sudo|apt-get install -y -qq --no-install-recommends lld-19 gcc|guests|" "$(tr '\n' '|' <"$dir/log")"

sed 's/^git$/git:removed/' <<<"$all" >"$dir/installed"
expect "removed but not purged: status" 0 "$(run 0)"
expect "removed but not purged: installs" "apt-get install -y -qq --no-install-recommends git" "$(tail -n 2 "$dir/log" | head -n 1)"

rm "$bin/sudo"
grep -vx -e lld-19 -e gcc <<<"$all" >"$dir/installed"
expect "user without sudo: status" 1 "$(run 1000)"
expect "user without sudo: no calls" "" "$(cat "$dir/log")"
expect "user without sudo: the command" \
  "apt-get update && apt-get install -y --no-install-recommends lld-19 gcc" "$(tail -n 1 "$dir/out")"

double apt-get <<'D'
echo "apt-get $*" >>"$DIR/log"
exit 100
D
expect "apt-get fails: status" 100 "$(run 0)"
expect "apt-get fails: stops there" "apt-get update -qq" "$(cat "$dir/log")"
echo passed

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
# session.sh AXEBPF FILES...: a session for the golden test, with each command before what it says.
set -euo pipefail
axebpf=$1
shift
for file in "$@"; do
  cp "$file" .
done
try() {
  local status=0
  echo "\$ axebpf $*"
  "$axebpf" "$@" 2>&1 || status=$?
  [ "$status" -eq 0 ] || echo "(exit status $status)"
  echo
}
try -h
for command in check run dump events decode stat help; do
  try "$command" -h
done
try check vm_filter.bpf.o -v
try check exits.bpf.o --prog count_exits
try check rejected.bpf.o
try dump vm_filter.bpf.o
try dump hypercalls.bpf.o
try events 'vcpu:*'
try events vcpu:exit --json
try decode programs.stream
try decode two_cpus.stream --sort
try stat two_cpus.stream
try stat two_cpus.stream --json
try stat losses.stream
try stat unfinished.stream

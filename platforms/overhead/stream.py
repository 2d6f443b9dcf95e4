# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""bazel run //platforms/overhead:stream_aarch64: how fast events leave the machine, in real time.

Two small guests that never wait run with all tracepoints on; from the start of QEMU to its end, so that it is a lower bound.
"""

import argparse
import importlib
import os
import sys
import tempfile
import time

from platforms.soak import checks

GOAL = 20e6  # bytes a second
FILES = {"begin": b"trace enable *\n", "end": b"trace stat --json\n"}


def measure(arch, elf, rounds):
    """(bytes, seconds, events delivered, events lost)"""
    qemu = importlib.import_module(f"platforms.{arch}_qemu.qemu")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "events.axb")
        began = time.monotonic()
        machine = qemu.start(elf, qemu.small_vms(elf, rounds=rounds, period_us=1), ["script=begin", "finish=end", "stay=0"],
                             FILES, stream=path)
        text = machine.process.stdout.read().decode()
        status = machine.end()
        took = time.monotonic() - began
        if status:
            raise RuntimeError(f"status {status}:\n{text}")
        size = os.path.getsize(path)
    rings = [ring for ring in checks.json_lines(text) if "cpu" in ring]
    return size, took, sum(ring["delivered"] for ring in rings), sum(ring["dropped"] for ring in rings)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", required=True)
    parser.add_argument("--hypervisor", required=True)
    parser.add_argument("--rounds", type=int, default=20000)
    parser.add_argument("--check-goal", action="store_true", help="fail below 20 MB/s")
    args = parser.parse_args()
    size, took, delivered, lost = measure(args.arch, os.path.abspath(args.hypervisor), args.rounds)
    print(f"{args.arch}: {size / 1e6:.0f} MB in {took:.1f} s = {size / took / 1e6:.1f} MB/s, "
          f"{delivered} events = {delivered / took / 1e3:.0f} k/s, {lost} lost")
    if not delivered or (args.check_goal and size / took < GOAL):
        sys.exit("too slow" if delivered else "no events")


if __name__ == "__main__":
    main()

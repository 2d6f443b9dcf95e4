# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""bazel run //platforms/reference:probe_cost: what a probe adds to a function of each hypervisor, in executed instructions.

A guest that never waits runs to its end under -icount, where virtual time is the number of instructions, without and with a probe on
what handles its exits; the difference is divided by the hits. Events go to the flight recorder only.
"""

import importlib
import json
import os
import re
import sys

ELF = "platforms/{}_qemu/hypervisor.elf"
ARCHITECTURES = ("aarch64", "x86_64")
ROUNDS = 300
FUNCTION = "exit_handle"
MARK = ["trace marker {}", "trace dump 1"]
TIME = re.compile(r'^\[ *([0-9.]+)\].*text="(begin|end)"$', re.MULTILINE)


def run(arch, lines):
    """(instructions, hits) of the guest's run with `lines` typed before."""
    qemu = importlib.import_module(f"platforms.{arch}_qemu.qemu")
    elf = os.path.abspath(ELF.format(arch))
    begin = ["trace load regs", *lines, "trace enable user:marker", *(line.format("begin") for line in MARK)]
    end = [*(line.format("end") for line in MARK), "trace hprobe --json"]
    vms = qemu.package_file(qemu.small_vms(elf, ROUNDS, 0)[:1],
                            {name: "\n".join(script + [""]).encode() for name, script in (("begin", begin), ("end", end))})
    status, text = qemu.run(elf, ["tick_us=1000000", "script=begin", "finish=end"], deterministic=True, timeout=300, vms=vms)
    if status != 0:
        raise RuntimeError(text)
    times = {name: float(seconds) for seconds, name in TIME.findall(text)}
    rows = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return round((times["end"] - times["begin"]) * 1e9), rows


def place(arch, how):
    """A place in FUNCTION that is probed so, and that each call comes by."""
    for offset in range(1, 256):
        _, rows = run(arch, [f"trace hprobe {FUNCTION}", f"trace hprobe {FUNCTION}+{offset:#x}"])
        if len(rows) == 2 and rows[1]["how"] == how and rows[1]["hits"] == rows[0]["hits"]:
            return f"{FUNCTION}+{offset:#x}"
    raise RuntimeError("there is none")


def costs(arch):
    """(what, instructions for each hit)"""
    base, _ = run(arch, [])
    for what, lines in (("patch site, empty program", [f"trace hprobe {FUNCTION} nothing"]),
                        ("slot, empty program", [f"trace hprobe {place(arch, 'slot')} nothing"]),
                        ("simulate, empty program", [f"trace hprobe {place(arch, 'simulate')} nothing"]),
                        ("return, empty program", [f"trace hretprobe {FUNCTION} nothing_returned"]),
                        ("patch site, event", [f"trace hprobe {FUNCTION}"]),
                        ("return, event", [f"trace hretprobe {FUNCTION}"])):
        total, rows = run(arch, lines)
        yield what, (total - base) / rows[0]["hits"]


def main():
    for arch in ARCHITECTURES:
        for what, cost in costs(arch):
            print(f"{arch:8} {what:26} {cost:7.0f} instructions", flush=True)


if __name__ == "__main__":
    sys.exit(main())

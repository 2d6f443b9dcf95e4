# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""A run with probes on functions of the hypervisor, the same bytes each time, and what of it does not change with the code.

probe_trace.py ARCH ELF OUT writes the text that testdata/golden/<ARCH>_qemu/probes.txt has.
"""

import collections
import importlib
import os
import re
import sys
import tempfile

from codegen.gen import decoder_gen as decoder

ROUNDS, PERIOD_US = 4, 10000
# A function and what it calls; one that only returns are probed of.
ENTRIES = {"aarch64": ["exit_handle", "vm_back", "s2_back"], "x86_64": ["exit_handle", "exit_fetch", "npt_map"]}
RETURNS = {"aarch64": [*ENTRIES["aarch64"], "calls_handle"], "x86_64": [*ENTRIES["x86_64"], "trace_vcpu_exit"]}
# With arguments of our choice: the shell's own lines.
FETCHED = ["trace hretprobe axb_shell_run status=$retval:s32",
           "trace hprobe axb_shell_run line=+0($arg1):string at=+0($arg1):char gone=+0(\\16)"]
# Rounds are so long, and ticks so rare, that no interrupt comes while a guest runs.
OPTIONS = ["tick_us=10000000", "script=begin", "finish=end"]


def run(arch, elf):
    """Boots and traces: the console's text and the stream's bytes."""
    qemu = importlib.import_module(f"platforms.{arch}_qemu.qemu")
    elf = os.path.abspath(elf)
    begin = [f"trace hprobe {name}" for name in ENTRIES[arch]] + [f"trace hretprobe {name}" for name in RETURNS[arch]] + FETCHED
    files = {"begin": "\n".join(begin + [""]).encode(), "end": b"trace hprobe\n"}
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "events.axb")
        machine = qemu.start(elf, qemu.small_vms(elf, ROUNDS, PERIOD_US), OPTIONS, files, path, deterministic=True)
        try:
            data = machine.process.stdout.read()
            status = machine.end()
        finally:
            machine.kill()
        text = data.decode("ascii", "replace").replace("\r\n", "\n")
        if status != 0:
            raise RuntimeError(f"status {status}:\n{text}")
        with open(path, "rb") as file:
            return text, file.read()


def event_line(event):
    took = " took time" if event["duration_ns"] > 0 else ""
    if event["fields"]:
        fields = " ".join(f"{key}={value!r}" for key, value in event["fields"].items())
        return f"{event['probe_type']:9} {event['name']:14} vm{event['vm_id']} {fields}{took}"
    values = len(event["args"])
    return f"{event['probe_type']:9} {event['name']:14} vm{event['vm_id']} {values} value{'s' * (values > 1)}{took}"


def text_of(console, stream):
    items = decoder.decode(stream)
    events = [item for item in items if item["kind"] == "event"]
    counts = collections.Counter((event["probe_type"], event["name"], event["vm_id"]) for event in events)
    lines = ["Events of each kind:"] + [f"  {kind:9} {name:14} vm{vm} {count:5}" for (kind, name, vm), count in sorted(counts.items())]
    for item in items:
        if item["kind"] == "stats":
            lines.append("cpu{cpu}: attempts {attempts} committed {committed} dropped {dropped} "
                         "delivered {delivered} pending {pending}".format(**item))
    lines += ["", "What the hypervisor counted:"]
    # How a site is probed depends on the instruction that the compiler put there.
    lines += ["  " + re.sub(" (slot|simulate|site) +", " -  ", line)
              for line in console[console.index("axebpf> trace hprobe\n"):].splitlines()]
    for cpu in sorted({event["cpu_id"] for event in events}):
        lines += ["", f"cpu{cpu}, in order:"] + ["  " + event_line(event) for event in events if event["cpu_id"] == cpu]
    return "\n".join(lines) + "\n"


def main(arch, elf, out):
    with open(out, "w", encoding="ascii") as file:
        file.write(text_of(*run(arch, elf)))


if __name__ == "__main__":
    main(*sys.argv[1:])

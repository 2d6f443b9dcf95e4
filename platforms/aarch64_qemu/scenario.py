# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""A traced run whose every byte is the same each time, and what of it does not change with the code.

scenario.py ELF OUT writes the text that testdata/golden/aarch64_qemu/trace.txt has.
"""

import collections
import os
import sys
import tempfile

from codegen.gen import decoder_gen as decoder
from platforms.aarch64_qemu import event_text
from platforms.aarch64_qemu import qemu

# vcpu:enter and hyp:* come with each exit, so they would only make the text longer.
BEGIN = """\
trace load exits --attach
trace load hypercalls --attach
trace enable vmm:* shell:* vcpu:create vcpu:exit vcpu:block vcpu:inject
trace enable s2:* irq:* mmio:* sysreg:* hypercall:* psci:* user:*
trace marker the guests start
"""
END = """\
trace maps exits
"""
# Rounds are so long, and ticks so rare, that no interrupt comes while a guest runs.
OPTIONS = ["rounds=4", "period_us=10000", "tick_us=10000000", "script=begin.txt", "finish=end.txt",
           "stream=events.axb"]
# Addresses and sizes of code, registers that the compiler chose, and time.
CHANGING = {"pc", "syndrome", "fault", "gva", "hpa", "image_size", "timestamp"}
CHANGING_OF_STAGE2 = {"gpa"}


def run(elf):
    """Boots and traces: the console's text and the stream's bytes."""
    with tempfile.TemporaryDirectory() as directory:
        for name, text in (("begin.txt", BEGIN), ("end.txt", END)):
            with open(os.path.join(directory, name), "w", encoding="ascii") as file:
                file.write(text)
        status, text = qemu.run(os.path.abspath(elf), OPTIONS, deterministic=True, cwd=directory)
        if status != 0:
            raise RuntimeError(f"status {status}:\n{text}")
        with open(os.path.join(directory, "events.axb"), "rb") as file:
            return text, file.read()


def event_line(event):
    hidden = CHANGING | (CHANGING_OF_STAGE2 if event["name"].startswith("s2:") else set())
    where = f" vm{event['vm_id']}" if event["vm_id"] else ""
    flags = "".join(" " + flag for flag in event["flags"])
    return f"{event['name']}{where} {event_text.fields_text(event, hidden)}{flags}".rstrip()


def text_of(console, stream):
    items = decoder.decode(stream)
    events = [item for item in items if item["kind"] == "event"]
    lines = ["Events of each kind:"]
    for name, count in sorted(collections.Counter(event["name"] for event in events).items()):
        lines.append(f"  {name:22} {count:5}")
    payloads = collections.Counter(item["map"] for item in items if item["kind"] == "payload")
    lines += [f"Records of {name}: {count}" for name, count in sorted(payloads.items())]
    for item in items:
        if item["kind"] == "stats":
            lines.append("cpu{cpu}: attempts {attempts} committed {committed} dropped {dropped} "
                         "delivered {delivered} pending {pending}".format(**item))
    lines += ["", "What the programs counted, and the hypervisor itself:"]
    lines += ["  " + line for line in console[console.index("axebpf> trace maps exits"):].splitlines()]
    for cpu in sorted({event["cpu_id"] for event in events}):
        lines += ["", f"cpu{cpu}, in order:"]
        lines += ["  " + event_line(event) for event in events if event["cpu_id"] == cpu]
    return "\n".join(lines) + "\n"


def main(elf, out):
    with open(out, "w", encoding="ascii") as file:
        file.write(text_of(*run(elf)))


if __name__ == "__main__":
    main(*sys.argv[1:])

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""A traced run whose every byte is the same each time, and what of it does not change with the code.

scenario.py ELF OUT writes the text that testdata/golden/x86_64_qemu/trace.txt has.
"""

import collections
import os
import sys
import tempfile

from codegen.gen import decoder_gen as decoder
from platforms.aarch64_qemu import event_text
from platforms.x86_64_qemu import qemu

# vcpu:enter and hyp:* come with each exit, so they would only make the text longer.
BEGIN = b"""\
trace load exits --attach
trace load hypercalls --attach
trace enable vmm:* shell:* vcpu:create vcpu:exit vcpu:block vcpu:inject
trace enable s2:* irq:* mmio:* sysreg:* hypercall:* user:*
trace marker the guests start
"""
END = b"""\
trace maps exits
"""
ROUNDS = 4
# Rounds are so long, and ticks so rare, that no interrupt comes while a guest runs.
PERIOD_US = 10000
OPTIONS = ["tick_us=10000000", "script=begin.txt", "finish=end.txt"]
# Addresses and sizes of code, registers that the compiler chose, and time.
CHANGING = {"pc", "syndrome", "gva", "hpa", "image_size", "timestamp"}
CHANGING_OF_STAGE2 = {"gpa"}
MSR_TSC_DEADLINE = 0x6e0


def run(elf):
    """Boots and traces: the console's text and the stream's bytes."""
    vms = qemu.package_file(qemu.small_vms(elf, ROUNDS, PERIOD_US), {"begin.txt": BEGIN, "end.txt": END})
    with tempfile.TemporaryDirectory() as directory:
        stream = os.path.join(directory, "events.axb")
        status, text = qemu.run(os.path.abspath(elf), OPTIONS, deterministic=True, vms=vms, stream=stream)
        if status != 0:
            raise RuntimeError(f"status {status}:\n{text}")
        with open(stream, "rb") as file:
            return text, file.read()


def event_line(event):
    hidden = CHANGING | (CHANGING_OF_STAGE2 if event["name"].startswith("s2:") else set())
    fields = event["fields"]
    if fields.get("sysreg") == MSR_TSC_DEADLINE or fields.get("nr", 0) & 0xff == 3:
        hidden = hidden | {"value", "arg0"}
    where = f" vm{event['vm_id']}" if event["vm_id"] else ""
    flags = "".join(" " + flag for flag in event["flags"])
    return f"{event['name']}{where} {event_text.fields_text(event, hidden)}{flags}".rstrip()


def text_of(console, stream):
    items = decoder.decode(stream)
    events = [item for item in items if item["kind"] == "event"]
    lines = ["Events of each kind:"]
    for name, count in sorted(collections.Counter(event["name"] for event in events).items()):
        lines.append(f"  {name:22} {count:5}")
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

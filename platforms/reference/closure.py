# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""What of a linked hypervisor a CPU may execute on the way into and out of a probe: the closure of the calls from its vectors.

All of it must lie in the section that probes refuse (runtime/base/noprobe.h): a breakpoint there would be met again by its own
handling, or would overwrite registers that hold the last exit.
"""

import bisect
import re
import subprocess

OBJDUMP = "llvm-objdump-19"
LABEL = re.compile(r"^([0-9a-f]+) <(.+)>:$")
INSN = re.compile(r"^ *([0-9a-f]+):\s+(\S+)\s*(.*)$")
TARGET = re.compile(r"0x([0-9a-f]+)(?: <|$)")
BRANCH = {
    "aarch64": re.compile(r"^(b|bl|b\..*|bc\..*|cbn?z|tbn?z)$"),
    "x86_64": re.compile(r"^(call.*|j.*|loop.*)$"),
}
INDIRECT = {"aarch64": re.compile(r"^(br|blr)[a-z]*$"), "x86_64": re.compile(r"^(call|jmp)q?$")}
# After these the next instruction is not executed.
END = re.compile(r"^(b|br|ret|eret|brk|udf|hlt|jmpq?|retq|iretq?|ud2|int3|ljmpl|nop.*|<unknown>|dsb|isb)$")


class Image:
    """Functions by address, and which calls which."""

    def __init__(self, arch, elf):
        text = subprocess.run([OBJDUMP, "-d", "--no-show-raw-insn", "--section=.text", elf], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        symbols = subprocess.run([OBJDUMP, "-t", elf], check=True, stdout=subprocess.PIPE, text=True).stdout
        self.address = {line.split()[-1]: int(line.split()[0], 16) for line in symbols.splitlines()
                        if re.match("^[0-9a-f]{16} ", line)}
        self.section = (self.address["__start_axb_noprobe"], self.address["__stop_axb_noprobe"])
        self.name, self.edges, self.indirect = {}, {}, {}
        self._read(arch, text.splitlines())

    def _read(self, arch, lines):
        labels = [LABEL.match(line) for line in lines]
        self.name = {int(found.group(1), 16): found.group(2) for found in labels if found}
        for name, address in self.address.items():
            if self.name.get(address, "").endswith("_end") and not name.endswith("_end"):
                self.name[address] = name
        starts = sorted(self.name)
        at, ended = None, True
        for line in lines:
            label, insn = LABEL.match(line), INSN.match(line)
            if label:
                start = int(label.group(1), 16)
                self.edges[start], self.indirect[start] = set(), 0
                if not ended:
                    self.edges[at].add(start)
                at = start
            elif insn and at is not None:
                word, operands = insn.group(2), insn.group(3)
                ended = bool(END.match(word))
                target = TARGET.search(operands)
                if BRANCH[arch].match(word) and target and "*" not in operands:
                    to = int(target.group(1), 16)
                    self.edges[at].add(starts[bisect.bisect_right(starts, to) - 1])
                elif INDIRECT[arch].match(word):
                    self.indirect[at] += 1

    def is_noprobe(self, function):
        return self.section[0] <= function < self.section[1]


def check(image, roots, indirect, allowed, outside=()):
    """Problems as lines. `indirect` has, for each function of the closure with indirect branches, the names where they may go;
    `allowed` the calls that may leave the section, (caller, callee): why. `outside`: functions taken as if not in the section."""
    problems, seen, used = [], set(), set()
    todo = [image.address[root] for root in roots]
    while todo:
        function = todo.pop()
        if function in seen:
            continue
        seen.add(function)
        name = image.name[function]
        if not image.is_noprobe(function) or name in outside:
            problems.append(f"{name} is on the way of a probe, but not in the section")
            continue
        targets = set(image.edges[function]) - {function}
        if image.indirect[function]:
            if name not in indirect:
                problems.append(f"{name}: where does its indirect branch go?")
            used.add(name)
            targets |= {image.address[to] for to in indirect.get(name, ())}
        for target in targets:
            edge = (name, image.name[target])
            if edge in allowed:
                used.add(edge)
            else:
                todo.append(target)
    problems += [f"{entry} in the tables does not occur" for entry in (set(indirect) | set(allowed)) - used]
    return sorted(problems), {image.name[function] for function in seen if image.is_noprobe(function)}

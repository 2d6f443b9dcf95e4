# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""A tracepoint that is off costs one load and one conditional branch: read from the machine code.

Walks the disassembly of off_cost.c from each function's first instruction to its return along the
way on which no call is made, and counts what it meets.
"""

import pathlib
import re
import subprocess
import unittest

OBJDUMP = "/usr/bin/llvm-objdump-19"
FUNCTIONS = ("off_cost_exit", "off_cost_boot")

# What may stand on the way, and how it is counted. What no pattern knows fails the test: better a
# new line here than a cost that nobody sees.
KINDS = {
    "aarch64": (
        ("address", r"adrp x\d+, "),
        ("address", r"add x\d+, x\d+, #0x0$"),
        ("constant", r"mov [wx]\d+, #"),
        ("load", r"ldr w\d+, \["),
        ("branch", r"(cbn?z|tbn?z|b\.\w+) "),
        ("return", r"ret$"),
        ("leave", r"(b|bl) "),
        ("patch site", r"nop$"),
    ),
    "x86_64": (
        ("load", r"movl \(%rip\), %\w+"),
        ("load", r"cmpl \$0x0, \(%rip\)"),
        ("test", r"testl %\w+, %\w+"),
        ("constant", r"movl \$"),
        ("branch", r"j(e|ne) "),
        # Of the function around the call site.
        ("frame", r"(pushq %rbp|movq %rsp, %rbp|popq %rbp)$"),
        ("return", r"retq$"),
        ("leave", r"(jmp|callq) "),
        ("patch site", r"nopl 0x8\(%rax,%rax\)$"),
    ),
}


def disassemble(path):
    text = subprocess.run(
        [OBJDUMP, "-d", "-r", "--no-show-raw-insn", str(path)], check=True, capture_output=True, text=True
    ).stdout
    arch = re.search(r"file format elf64-(\S+)", text).group(1)
    arch = {"littleaarch64": "aarch64", "x86-64": "x86_64"}[arch]
    functions = {}
    current = None
    for line in text.splitlines():
        start = re.match(r"[0-9a-f]+ <(\w+)>:$", line)
        insn = re.match(r"\s+([0-9a-f]+):\s+([a-z].*)$", line)
        relocation = re.match(r"\s+[0-9a-f]+:\s+R_\w+\s+(\S+)", line)
        if start:
            current = functions[start.group(1)] = {}
        elif relocation:
            last = list(current)[-1]
            current[last] = (current[last][0], relocation.group(1))
        elif insn:
            body = re.sub(r"\s+", " ", insn.group(2).split("//")[0]).strip()
            current[int(insn.group(1), 16)] = (body, None)
    return arch, functions


def kind_of(arch, text):
    for kind, pattern in KINDS[arch]:
        if re.match(pattern, text):
            return kind
    return "unknown"


def target_of(text):
    return int(re.search(r"0x([0-9a-f]+) <", text).group(1), 16)


def ways(arch, function):
    """All ways through a function, as lists of (kind, text): to a return, a call or the unknown."""
    order = sorted(function)
    todo = [(order[0], [])]
    while todo:
        at, way = todo.pop()
        while not way or way[-1][0] not in ("return", "leave", "unknown"):
            text, symbol = function[at]
            kind = kind_of(arch, text)
            way = way + [(kind, text)]
            if kind == "branch" and symbol is None:
                todo.append((target_of(text), way))
            if kind not in ("return", "leave", "unknown"):
                at = order[order.index(at) + 1]
        yield way


def off_way(arch, function):
    """The way that returns without a call: the one on which the tracepoint is off."""
    returning = [way for way in ways(arch, function) if way[-1][0] == "return"]
    if len(returning) != 1:
        raise AssertionError("not one way returns without a call: %s" % list(ways(arch, function)))
    return returning[0]


class OffCost(unittest.TestCase):
    def test_one_load_and_one_branch(self):
        objects = sorted(pathlib.Path("runtime/trace/off_cost_objects").rglob("*.a"))
        seen = set()
        for path in objects:
            arch, functions = disassemble(path)
            seen.add(arch)
            for name in FUNCTIONS:
                way = off_way(arch, functions[name])
                kinds = [kind for kind, _ in way]
                with self.subTest(arch=arch, function=name, way=way):
                    self.assertEqual(1, kinds.count("load"))
                    self.assertEqual(1, kinds.count("branch"))
                    # That of the function: room for a probe that needs no trap, and nothing but one NOP while there is none.
                    self.assertEqual(1, kinds.count("patch site"))
                    self.assertEqual("patch site", kinds[0])
                    self.assertLessEqual(kinds.count("test"), 1)
                    # Where the switch is, and the value that the function returns.
                    self.assertLessEqual(kinds.count("address"), 2)
                    self.assertEqual(name == "off_cost_boot", "constant" in kinds)
        self.assertEqual({"aarch64", "x86_64"}, seen)


if __name__ == "__main__":
    unittest.main()

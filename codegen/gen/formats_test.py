# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The format files obey the grammar that libtraceevent reads, and agree with the layout text."""

import os
import re
import unittest

FORMATS = "codegen/gen/formats"
ABI = "codegen/gen/abi/tracepoints.abi.txt"

_FIELD = re.compile(r"\tfield:([^;\[]+) (\w+)(\[\d+\])?;\toffset:(\d+);\tsize:(\d+);\tsigned:([01]);")
_COMMON = [
    ("unsigned short", "common_type", 0, 2, 0),
    ("unsigned char", "common_flags", 2, 1, 0),
    ("unsigned char", "common_preempt_count", 3, 1, 0),
    ("int", "common_pid", 4, 4, 1),
]


def parse(text):
    """(name, id, common fields, fields, print format, its arguments); raises ValueError."""
    lines = text.split("\n")
    name = re.fullmatch(r"name: (\w+)", lines[0]).group(1)
    number = int(re.fullmatch(r"ID: (\d+)", lines[1]).group(1))
    if lines[2] != "format:":
        raise ValueError(lines[2])
    groups, i = [], 3
    for _ in range(2):
        group = []
        while lines[i]:
            match = _FIELD.fullmatch(lines[i])
            if not match:
                raise ValueError(lines[i])
            group.append((match[1], match[2], int(match[4]), int(match[5]), int(match[6])))
            i += 1
        groups.append(group)
        i += 1
    fmt, args = re.fullmatch(r'print fmt: "([^"]*)"(.*)', lines[i]).groups()
    if lines[i + 1 :] != [""]:
        raise ValueError("text after print fmt")
    return name, number, groups[0], groups[1], fmt, args


def tracepoints():
    """{name: (id, context size)} of the layout text."""
    with open(ABI, encoding="ascii") as stream:
        found = re.findall(r"^tracepoint (\d+) (\S+) context (\d+)$", stream.read(), re.M)
    return {name: (int(number), int(size)) for number, name, size in found}


def format_of(name):
    with open(os.path.join(FORMATS, *name.split(":"), "format"), encoding="ascii") as stream:
        return parse(stream.read())


class Formats(unittest.TestCase):
    def test_there_is_one_for_each_tracepoint_and_no_other(self):
        files = {f"{s}:{e}" for s in os.listdir(FORMATS) for e in os.listdir(os.path.join(FORMATS, s))}
        self.assertEqual(set(tracepoints()), files)

    def test_each_is_well_formed_and_lies_in_its_context(self):
        for name, (number, size) in tracepoints().items():
            with self.subTest(name):
                event, found, common, fields, fmt, args = format_of(name)
                self.assertEqual((name.split(":")[1], number), (event, found))
                self.assertEqual(_COMMON, common)
                ends = [0]
                for _, field, offset, length, _ in fields:
                    self.assertGreaterEqual(offset, ends[-1], field)
                    ends.append(offset + length)
                self.assertLessEqual(ends[-1], size)

    def test_print_formats_use_known_fields_once_each(self):
        for name in tracepoints():
            with self.subTest(name):
                _, _, _, fields, fmt, args = format_of(name)
                used = re.findall(r"REC->(\w+)", args)
                self.assertEqual(re.findall(r"(\w+)=", fmt), used)
                self.assertEqual(len(used), len(re.findall(r"%(?:s|u|d|x|llu|lld|llx)", fmt)))
                self.assertLessEqual(set(used), {f[1] for f in fields})


if __name__ == "__main__":
    unittest.main()

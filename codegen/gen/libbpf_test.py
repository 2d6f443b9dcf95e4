# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Prototypes of the standard helpers agree with those that libbpf declares for BPF programs."""

import re
import unittest

ABI = "codegen/gen/abi/helpers.abi.txt"
LIBBPF = "/usr/include/bpf/bpf_helper_defs.h"

#: argument types that are numbers in C; all others are pointers
NUMBERS = {"scalar", "const_scalar", "size", "size_or_zero"}
#: where libbpf declares a number and the spec says more: an address that is not followed
POINTER_AS_SCALAR = {"bpf_probe_read", "bpf_probe_read_kernel", "bpf_probe_read_kernel_str"}


def libbpf():
    """{name: (id, result is a pointer, [argument is a pointer])}; a list ends with None for "..."."""
    with open(LIBBPF, encoding="utf-8") as stream:
        text = stream.read()
    found = {}
    for ret, name, args, number in re.findall(
        r"^static ([\w *]+)\(\*(\w+)\)\(([^)]*)\) = \(void \*\) (\d+);", text, re.M
    ):
        kinds = [None if a.strip() == "..." else "*" in a for a in args.split(",") if a.strip() != "void"]
        found[name] = (int(number), ret.strip().endswith("*"), kinds)
    return found


def spec():
    """{name: (id, result type, [argument types])} of the standard helpers."""
    with open(ABI, encoding="ascii") as stream:
        lines = re.findall(r"^helper (\d+) (\w+)\(([^)]*)\) -> (\w+)", stream.read(), re.M)
    return {
        name: (int(number), ret, [a.split(": ")[1] for a in args.split(", ") if a]) for number, name, args, ret in lines
    }


class Prototypes(unittest.TestCase):
    def test_agree(self):
        theirs = libbpf()
        ours = {name: helper for name, helper in spec().items() if helper[0] < 0x10000}
        self.assertGreaterEqual(len(ours), 30)
        for name, (number, ret, args) in ours.items():
            with self.subTest(name):
                other_number, other_ret, other_args = theirs[name]
                self.assertEqual(other_number, number)
                self.assertEqual(other_ret, ret.endswith("_or_null"))
                pointers = [a not in NUMBERS for a in args]
                if name in POINTER_AS_SCALAR:
                    pointers[2] = True
                if other_args and other_args[-1] is None:
                    self.assertFalse(any(pointers[len(other_args) - 1 :]))
                    other_args, pointers = other_args[:-1], pointers[: len(other_args) - 1]
                self.assertEqual(other_args, pointers)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The hypervisor's own protection: what its translation tables forbid does stop it."""

import os
import re
import sys
import unittest

from platforms.x86_64_qemu import qemu

ELF = os.path.abspath(sys.argv.pop(1))
BREAKPOINT = 3
PAGE_FAULT = 14
PRESENT, WRITE, FETCH = 1, 2, 0x10


class Protection(unittest.TestCase):
    def test_goes_on_where_nothing_is_wrong(self):
        for case in ("copy", "nmi", "nmi-probes", "write-sp"):
            with self.subTest(case):
                self.assertEqual(qemu.run(ELF, [case]), (0, "not stopped\n"))

    def test_forbidden_access_panics(self):
        for case, error in [("write-text", PRESENT | WRITE), ("write-constants", PRESENT | WRITE),
                            ("write-null", WRITE), ("run-data", PRESENT | FETCH)]:
            with self.subTest(case):
                status, text = qemu.run(ELF, [case])
                self.assertEqual(status, 2, text)
                found = re.search(r"panic on cpu 0: exception (\d+), error 0x([0-9a-f]+), pc 0x", text)
                self.assertIsNotNone(found, text)
                self.assertEqual((int(found.group(1)), int(found.group(2), 16)), (PAGE_FAULT, error))

    def test_breakpoint_of_somebody_else_is_not_taken_by_probes(self):
        status, text = qemu.run(ELF, ["foreign-breakpoint"])
        self.assertEqual(status, 2, text)
        self.assertIn(f"panic on cpu 0: exception {BREAKPOINT}, error 0x0, pc 0x", text)

    def test_stack_overflow_is_told_from_other_faults(self):
        status, text = qemu.run(ELF, ["overflow-stack"])
        self.assertEqual(status, 2, text)
        self.assertIn("panic on cpu 0: stack overflow, pc 0x", text)


if __name__ == "__main__":
    unittest.main()

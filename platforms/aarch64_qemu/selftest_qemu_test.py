# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The hypervisor's own protection: what its translation tables forbid does stop it."""

import os
import re
import sys
import unittest

from platforms.aarch64_qemu import qemu

ELF = os.path.abspath(sys.argv.pop(1))


class Protection(unittest.TestCase):
    def test_goes_on_where_nothing_is_wrong(self):
        for case in ("copy", "write-sp"):
            with self.subTest(case):
                self.assertEqual(qemu.run(ELF, [case]), (0, "not stopped\n"))

    def test_forbidden_access_panics(self):
        data_abort, insn_abort = 0x25, 0x21
        for case, exception in [("write-text", data_abort), ("write-constants", data_abort),
                                ("run-data", insn_abort)]:
            with self.subTest(case):
                status, text = qemu.run(ELF, [case])
                self.assertEqual(status, 2, text)
                found = re.search("panic on cpu 0: exception at EL2, vector 4, .* esr 0x([0-9a-f]+)",
                                  text)
                self.assertIsNotNone(found, text)
                esr = int(found.group(1), 16)
                self.assertEqual(esr >> 26, exception)
                self.assertEqual(esr & 0x3f, 0xf, "a permission fault of level 3")

    def test_breakpoint_of_somebody_else_is_not_taken_by_probes(self):
        brk_64bit = 0xf2000000  # exception class and length
        for case, immediate in [("foreign-breakpoint", 1), ("unknown-breakpoint", 0xe0b0)]:
            with self.subTest(case):
                status, text = qemu.run(ELF, [case])
                self.assertEqual(status, 2, text)
                self.assertRegex(text, f"panic on cpu 0: exception at EL2, vector 4, .* esr {brk_64bit | immediate:#x},")

    def test_program_that_leaves_the_stack_pointer_unaligned_panics(self):
        status, text = qemu.run(ELF, ["unaligned-sp"])
        self.assertEqual(status, 2, text)
        self.assertRegex(text, "panic on cpu 0: exception at EL2, vector 4, pc 0x[0-9a-f]+, sp 0x[0-9a-f]+8,")

    def test_stack_overflow_is_told_from_other_faults(self):
        status, text = qemu.run(ELF, ["overflow-stack"])
        self.assertEqual(status, 2, text)
        self.assertIn("panic on cpu 0: stack overflow, pc 0x", text)


if __name__ == "__main__":
    unittest.main()

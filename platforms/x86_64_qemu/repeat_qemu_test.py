# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Two runs that count instructions are the same, byte for byte, also with a busy shell."""

import os
import sys
import unittest

from platforms.x86_64_qemu import qemu

ELF = os.path.abspath(sys.argv.pop(1))
BEGIN = b"trace load exits --attach\ntrace enable *\n"
END = b"trace stat --json\ntrace dump\n"


class Repeat(unittest.TestCase):
    def test_console_is_the_same(self):
        vms = qemu.package_file(qemu.small_vms(ELF, rounds=40), {"begin": BEGIN, "end": END})
        first, second = (qemu.run(ELF, ["script=begin", "finish=end"], deterministic=True, vms=vms) for _ in range(2))
        self.assertEqual(first[0], 0, first[1])
        self.assertIn("vcpu:exit", first[1])
        self.assertEqual(first, second)


if __name__ == "__main__":
    unittest.main()

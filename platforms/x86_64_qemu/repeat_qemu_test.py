# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Two runs that count instructions are the same, byte for byte: console, and stream with its timestamps."""

import os
import sys
import unittest

from platforms.x86_64_qemu import scenario

ELF = os.path.abspath(sys.argv.pop(1))


class Repeat(unittest.TestCase):
    def test_console_and_stream_are_the_same(self):
        first, second = scenario.run(ELF), scenario.run(ELF)
        self.assertGreater(len(first[1]), 10000)
        self.assertEqual(first[0], second[0])
        self.assertTrue(first[1] == second[1], "the streams differ")


if __name__ == "__main__":
    unittest.main()

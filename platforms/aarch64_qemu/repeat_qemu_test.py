# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Two runs under -icount give the same console text and the same stream, timestamps included."""

import sys
import unittest

from codegen.gen import decoder_gen as decoder
from platforms.aarch64_qemu import scenario

ELF = sys.argv.pop(1)


class Repeat(unittest.TestCase):
    def test_two_runs_are_the_same_bytes(self):
        first_text, first_stream = scenario.run(ELF)
        second_text, second_stream = scenario.run(ELF)
        self.assertEqual(first_text, second_text)
        self.assertEqual(first_stream, second_stream)
        times = [item["timestamp_ns"] for item in decoder.decode(first_stream) if item["kind"] == "event"]
        self.assertGreater(len(set(times)), len(times) // 2, "the timestamps are real")


if __name__ == "__main__":
    unittest.main()

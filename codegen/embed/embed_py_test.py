# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The texts that embed.py makes."""

import unittest

from codegen.embed import embed


class Embed(unittest.TestCase):
    def test_rows_hold_each_byte_in_order(self):
        text = embed.rows(bytes(range(20)))
        self.assertEqual(2, len(text.splitlines()))
        self.assertEqual(list(range(20)), [int(word, 16) for word in text.replace(",", "").split()])

    def test_an_empty_file_gives_a_valid_array_of_size_0(self):
        source, _ = embed.embed(b"", "empty", "axb_empty", "a/empty_gen.h")
        self.assertIn("axb_empty_size = 0;", source)
        self.assertIn("{\n\t0x00,\n}", source)

    def test_the_guard_follows_the_include_path(self):
        self.assertEqual("AXB_BPF_EXIT_STATS_GEN_H_", embed.guard("bpf/exit-stats_gen.h"))


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The figures of a run, from what the guest's kernel says."""

import unittest

from platforms.overhead import overhead

TEXT = "guest: Linux is up\n[    1.250000] work: begin\nsyscalls: 1\n[   12.250123] work: end\n"


class Overhead(unittest.TestCase):
    def test_times_of_the_marks(self):
        self.assertEqual(overhead.times(TEXT), (1250000, 11000123))

    def test_a_mark_that_is_missing(self):
        with self.assertRaisesRegex(overhead.OverheadError, "not done"):
            overhead.times(TEXT.replace("work: end", ""))

    def test_table_compares_with_the_first(self):
        lines = overhead.table([("a", (1000, 2000)), ("b", (1001, 2060))])
        self.assertEqual(lines[1].split(), ["a", "1000", "+0.000", "%", "2000", "+0.000", "%"])
        self.assertEqual(lines[2].split(), ["b", "1001", "+0.100", "%", "2060", "+3.000", "%"])

    def test_goals(self):
        found = [("not compiled in", (1000000, 100000)), ("disabled", (1000999, 100099)),
                 ("counting program", (2000000, 200000)), ("all, counting program", (1029999, 109999))]
        self.assertEqual(overhead.missed_goals(found), [])
        found[1], found[3] = ("disabled", (1001000, 100100)), ("all, counting program", (1030000, 110000))
        self.assertEqual(overhead.missed_goals(found), [
            "disabled: +0.100 % of the boot, the goal is below 0.1 %",
            "disabled: +0.100 % of the work, the goal is below 0.1 %",
            "all, counting program: +3.000 % of the boot, the goal is below 3 %",
            "all, counting program: +10.000 % of the work, the goal is below 10 %"])


if __name__ == "__main__":
    unittest.main()

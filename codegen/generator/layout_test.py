# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Offsets, holes and slots."""

import unittest

from codegen.generator import layout


def shape(placed):
    return [(p.name, p.offset, p.size) for p in placed[0]], placed[1]


class Packed(unittest.TestCase):
    def test_fields_follow_each_other(self):
        self.assertEqual(
            ([("a", 0, 4), ("b", 4, 2), ("c", 6, 2), ("d", 8, 32)], 40),
            shape(layout.packed([("a", "u32", 1), ("b", "u16", 1), ("c", "u8", 2), ("d", "u64", 4)])),
        )

    def test_a_hole_is_a_misfit(self):
        with self.assertRaises(layout.Misfit) as caught:
            layout.packed([("a", "u8", 1), ("b", "u64", 1)])
        self.assertEqual("b", caught.exception.field)
        self.assertIn("7 bytes", caught.exception.todo)

    def test_a_hole_at_the_end_is_a_misfit(self):
        with self.assertRaises(layout.Misfit) as caught:
            layout.packed([("a", "u64", 1), ("b", "s16", 1)])
        self.assertIn("6 bytes", caught.exception.todo)


class Natural(unittest.TestCase):
    def test_holes_become_reserved_fields(self):
        self.assertEqual(
            ([("a", 24, 1), ("reserved_25", 25, 3), ("b", 28, 4), ("c", 32, 2), ("reserved_34", 34, 6)], 40),
            shape(layout.natural([("a", 1, 1), ("b", 4, 4), ("c", 2, 2)], 24)),
        )

    def test_no_field_no_hole(self):
        self.assertEqual(([], 24), shape(layout.natural([], 24)))


class Slots(unittest.TestCase):
    def test_one_each_and_the_rest_for_text(self):
        self.assertEqual({"a": (0, 1), "b": (1, 3)}, layout.slots([("a", "u8"), ("b", "string")]))

    def test_the_fifth_is_a_misfit(self):
        with self.assertRaises(layout.Misfit) as caught:
            layout.slots([(c, "u8") for c in "abcde"])
        self.assertEqual("e", caught.exception.field)

    def test_nothing_fits_behind_text(self):
        with self.assertRaises(layout.Misfit):
            layout.slots([("a", "string"), ("b", "u8")])


if __name__ == "__main__":
    unittest.main()

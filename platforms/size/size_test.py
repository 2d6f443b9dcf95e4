# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The table, and that what is left out of a hypervisor is not in it."""

import unittest

from platforms.size import elf
from platforms.size import size

# A symbol of each part of axebpf.
TRACEPOINTS = {"axb_tp_hit", "axb_event_emit", "axb_stream_drain"}
PROGRAMS = {"axb_prog_run", "axb_object_load_with", "axb_map_create", "axb_interp_run", "axb_shell_run",
            "axb_helper_map_lookup_elem", "axb_sym_set_self"}


def symbols(arch, variant):
    with open(size.ELF.format(arch=arch, variant=variant), "rb") as file:
        return elf.symbols(file.read())


class Size(unittest.TestCase):
    def test_what_is_left_out_is_not_linked(self):
        for arch in size.ARCHITECTURES:
            off, tracepoints, everything = (symbols(arch, variant) for variant in ("_off", "_tracepoints", ""))
            self.assertEqual(PROGRAMS - everything, set(), "the test's own list")
            self.assertEqual(TRACEPOINTS - tracepoints, set())
            self.assertEqual(PROGRAMS & tracepoints, set())
            self.assertEqual({name for name in off if name.startswith(("axb_prog", "axb_tp_hit", "axb_event_emit"))}, set())

    def test_more_is_larger(self):
        rows = list(size.rows())
        self.assertEqual(len(rows), 6)
        for off, tracepoints, everything in (rows[:3], rows[3:]):
            self.assertLess(off[2], tracepoints[2])
            self.assertLess(tracepoints[2], everything[2])
            self.assertEqual(off[5], 0)
            self.assertGreater(tracepoints[5], 8192 * 64)
            self.assertGreater(everything[5], tracepoints[5])
        self.assertEqual(size.table().count("\n"), 10)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""A slice of sweep.py: probes on functions and instructions of both running hypervisors are counted exactly, or refused."""

import unittest

from platforms.reference import sweep

EVERY = 24
# Called all the time, and those with hard instructions.
CALLED = {"aarch64": ["exit_handle", "s2_back", "axb_event_emit", "memcpy", "trace_vcpu_exit"],
          "x86_64": ["exit_handle", "vcpu_run", "axb_event_emit", "memcpy", "trace_vcpu_exit"]}
HARD = {"aarch64": ["axb_prog_read_begin", "gic_lists_write"], "x86_64": ["axb_prog_read_begin", "memcpy"]}


class Sweep(unittest.TestCase):
    def test_functions(self):
        for arch in CALLED:
            found = sweep.functions(sweep.ELF.format(arch))
            self.check(arch, found, found, 0)

    def test_behind_patch_sites(self):
        for arch in CALLED:
            found = sweep.functions(sweep.ELF.format(arch))
            self.check(arch, found, sweep.with_patch_site(sweep.ELF.format(arch)) & set(found), sweep.BEHIND[arch])

    def check(self, arch, found, candidates, offset):
        names = sorted(set(CALLED[arch]) | set(sorted(candidates)[::EVERY]))
        results = list(sweep.sweep(arch, names, found, offset))
        print(arch, sweep.table(results), sep="\n")
        self.assertEqual([result.site for result in results], names)
        for result in results:
            with self.subTest(arch + " " + result.site):
                if result.how == "refuse":
                    self.assertNotEqual(result.why, "")
                else:
                    self.assertTrue(sweep.is_exact(result), result)
        self.assertGreater(sum(result.hits > 5 for result in results), 5)

    def test_instructions(self):
        for arch, hard in HARD.items():
            for function in hard:
                results = sweep.sweep_instructions(arch, function)
                print(arch, function, sweep.table(results), sep="\n")
                self.assertGreater(len(results), 10)
                for result in results:
                    self.assertEqual(result.hits, result.handled + result.missed, result)
                    self.assertTrue(result.how in ("site", "slot", "simulate") or result.why, result)
                self.assertGreater(sum(result.hits for result in results), 100)


if __name__ == "__main__":
    unittest.main()

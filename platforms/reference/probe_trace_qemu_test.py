# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Two runs with probes under -icount are the same bytes, and what returned can be told from what was called."""

import unittest

from codegen.gen import decoder_gen as decoder
from platforms.reference import probe_trace


class ProbeTrace(unittest.TestCase):
    def check_order(self, arch, events):
        """On each CPU calls and returns nest, and each return took as long as its events are apart, less the way into a probe."""
        open_calls = {}
        for event in events:
            stack = open_calls.setdefault(event["cpu_id"], [])
            if event["probe_type"] == "hprobe":
                stack.append(event)
            elif event["name"] in probe_trace.ENTRIES[arch]:
                call = stack.pop()
                self.assertEqual(call["name"], event["name"])
                apart = event["timestamp_ns"] - call["timestamp_ns"]
                self.assertIn(event["duration_ns"], range(1, apart + 1))

    def test_two_runs_are_the_same_bytes(self):
        for arch in ("aarch64", "x86_64"):
            with self.subTest(arch):
                elf = f"platforms/{arch}_qemu/hypervisor.elf"
                first = probe_trace.run(arch, elf)
                self.assertEqual(first, probe_trace.run(arch, elf))
                events = [item for item in decoder.decode(first[1]) if item["kind"] == "event"]
                self.assertGreater(len(events), 100)
                self.check_order(arch, events)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""What two threads emit is what the stream holds and what decode and stat say, event by event."""

import json
import os
import subprocess
import sys
import unittest

RECORD, AXEBPF = sys.argv[1:3]
del sys.argv[1:3]
VMS = (1, 2)


def json_lines(*command):
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return [json.loads(line) for line in output.splitlines()]


class Recording:
    """A run of record, read back."""

    def __init__(self, ring_events, exits):
        path = os.path.join(os.environ["TEST_TMPDIR"], f"{ring_events}.stream")
        self.exits = exits
        self.ticks = (exits + 9) // 10
        self.counted = {row["vm"]: row for row in json_lines(RECORD, path, str(ring_events), str(exits))}
        items = json_lines(AXEBPF, "decode", "--json", path)
        self.events = [i for i in items if i["kind"] == "event" and i["name"] != "lost"]
        self.losses = [i for i in items if i["kind"] == "event" and i["name"] == "lost"]
        self.items = items
        self.stat = json_lines(AXEBPF, "stat", "--json", path)

    def named(self, name, vm=None):
        return [e for e in self.events if e["name"] == name and vm in (None, e["vm_id"])]

    def stat_of(self, **members):
        rows = [row for row in self.stat if members.items() <= row.items()]
        assert len(rows) == 1, (members, rows)
        return rows[0]


class RecordTest(unittest.TestCase):
    def check_programs(self, recording):
        """Programs run at every hit, whether its event finds room or not."""
        for vm in VMS:
            wfi = (recording.exits + 3) // 4
            self.assertEqual(recording.counted[vm]["wfi"], wfi)
            self.assertEqual(recording.counted[vm]["hvc"], recording.exits - wfi)

    def check_order(self, recording):
        """Per CPU: times do not go back, and numbers go on where the loss records say."""
        for cpu in {e["cpu_id"] for e in recording.events}:
            number = time = 0
            for item in recording.items:
                if item["kind"] != "event" or item["cpu_id"] != cpu:
                    continue
                self.assertGreaterEqual(item["timestamp_ns"], time)
                time = item["timestamp_ns"]
                if item["name"] == "lost":
                    number += item["fields"]["lost"]
                    continue
                self.assertEqual(item["sequence"], number % 65536)
                number += 1

    def test_exact(self):
        r = Recording(65536, 20000)
        self.check_programs(r)
        self.check_order(r)
        self.assertEqual(r.losses, [])
        for vm in VMS:
            exits = r.named("vcpu:exit", vm)
            self.assertEqual([e["fields"]["pc"] for e in exits], [0x1000 + i for i in range(r.exits)])
            self.assertEqual([e["duration_ns"] for e in exits], [100 + i for i in range(r.exits)])
            self.assertEqual(r.stat_of(vm=vm, exit="wfi")["count"], r.exits // 4)
            self.assertEqual(r.stat_of(vm=vm, exit="hvc")["count"], r.exits // 4 * 3)
            self.assertEqual(len(r.named("vmm:timer_tick", vm)), r.ticks)
        row = r.stat_of(event="vcpu:exit")
        self.assertEqual((row["count"], row["duration_min_ns"], row["duration_max_ns"]), (2 * r.exits, 100, 20099))
        self.assertEqual(r.stat_of(event="vmm:timer_tick")["count"], 2 * r.ticks)
        self.check_cpus(r)

    def test_losses(self):
        r = Recording(16, 20000)
        self.check_programs(r)
        self.check_order(r)
        for vm in VMS:
            counters = [e["fields"]["pc"] for e in r.named("vcpu:exit", vm)]
            self.assertEqual(counters, sorted(set(counters)))
        self.check_cpus(r)
        dropped = sum(row["dropped"] for row in r.stat if "dropped" in row)
        self.assertGreater(dropped, 0, "a ring of 16 was never full: this test tests nothing")

    def check_cpus(self, recording):
        """Every attempt is an event in the stream or a counted loss."""
        rows = [row for row in recording.stat if "cpu" in row]
        for row in rows:
            self.assertTrue(row["agrees"], row)
            self.assertEqual(row["attempts"], row["events"] + row["dropped"])
        self.assertEqual(sum(row["attempts"] for row in rows), 2 * (recording.exits + recording.ticks))
        self.assertEqual(sum(row["events"] for row in rows), len(recording.events))


if __name__ == "__main__":
    unittest.main()

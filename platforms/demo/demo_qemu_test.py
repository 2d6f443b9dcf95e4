# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The demo from start to end, and what it refuses."""

import contextlib
import io
import os
import re
import tempfile
import unittest

from codegen.gen import decoder_gen as decoder
from platforms.demo import demo


def run(args):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        demo.main(args)
    return out.getvalue()


class Demo(unittest.TestCase):
    def test_shows_events_and_sums_them_up(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "events.axb")
            text = run(["--seconds", "1", "--output", path])
            with open(path, "rb") as stream:
                items = decoder.decode(stream.read())
        events = [item for item in items if item["kind"] == "event"]
        self.assertIn("Attached: count_exit to vcpu:exit", text)
        self.assertRegex(text, r"vm[12]  hypercall:call       nr=0xc6000001 arg0=0x[0-7] arg1=0x3e8 ret=100[0-7]")
        self.assertRegex(text, rf"\n{len(events)} events, [1-9][0-9]* a second, are in {re.escape(path)}\n")
        calls = sum(event["name"] == "hypercall:call" and event["fields"]["nr"] == 0xc6000001 for event in events)
        self.assertRegex(text, rf"hypercall:call +0xc6000001 +{calls}  #+\n")
        self.assertRegex(text, r"mmio:access +0xa000008 +[1-9][0-9]*  #+\n")
        # 50 rounds: 8 additions each, and the stop.
        self.assertRegex(text, r"vm1 caller   hvc +401  #")
        self.assertRegex(text, r"vm2 toucher  hvc +75  #")
        self.assertRegex(text, r"us \.\. [0-9.]+[um]s +[1-9][0-9]*  #")
        runs = int(re.search(r"program count_exit: ([0-9]+) runs, 0 missed, 0 faults", text).group(1))
        lost = sum(item["dropped"] for item in items if item["kind"] == "stats")
        exits = sum(event["name"] == "vcpu:exit" for event in events)
        self.assertLessEqual(exits, runs)
        self.assertLessEqual(runs, exits + lost)

    def test_refuses_what_is_not_there(self):
        for args, why in ((["--arch", "x86_64"], "not yet"), (["--guest", "linux"], "not yet"),
                          (["--probe", "hprobe:main"], "not there yet"), (["--seconds", "0"], "from 1"),
                          (["--seconds", "1", "--prog", "nothing"], "refused a line")):
            with self.subTest(args), self.assertRaisesRegex(demo.Refused, why):
                run(args)


if __name__ == "__main__":
    unittest.main()

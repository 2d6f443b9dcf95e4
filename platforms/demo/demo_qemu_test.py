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

    def test_small_guests_on_x86_64(self):
        text = run(["--arch", "x86_64", "--seconds", "1"])
        self.assertRegex(text, r"vm1 caller   vmmcall +[1-9][0-9]+  #")
        self.assertRegex(text, r"vm2 toucher  npf +[1-9][0-9]+  #")
        self.assertEqual(re.findall(r"events of cpu[01]: [1-9][0-9]* emitted, [1-9][0-9]* written, ([0-9]+) lost", text),
                         ["0", "0"])

    def linux(self, arch, exit_reason):
        if not os.path.exists(demo.KERNEL.format(debian=demo.DEBIAN[arch])):
            self.skipTest("Debian's kernel is not here; run: sh platforms/bootstrap.sh && bazel shutdown")
        text = run(["--arch", arch, "--guest", "linux", "--seconds", "1"])
        self.assertRegex(text, r"Linux version [0-9.-]+-cloud-")
        self.assertIn("pingpong: 200000 increments by two CPUs", text)
        self.assertRegex(text, r"The guest's shell was up [1-5]?[0-9]\.[0-9] s after the start\.")
        self.assertRegex(text, rf"vm3 linux +{exit_reason} +[1-9][0-9]+  #")
        self.assertNotRegex(text, r"written, [1-9][0-9]* lost")
        self.assertIn("record_hypercall", text)

    def test_linux_on_aarch64(self):
        self.linux("aarch64", "stage2_fault")

    def test_linux_on_x86_64(self):
        self.linux("x86_64", "msr")

    def test_functions_of_the_hypervisor(self):
        for arch, probe, function in (("aarch64", "hprobe:s2_*", "s2_back"), ("x86_64", "hprobe:npt_*", "npt_map")):
            with self.subTest(arch):
                text = run(["--arch", arch, "--seconds", "1", "--probe", probe])
                self.assertRegex(text, rf"\n  {function} +vm2 toucher +[1-9][0-9]+( +[0-9.]+[mun]?s){{4}}  #+\n")
                found = re.search(r"hprobes +([0-9]+) sites, ([0-9]+) hits: ([0-9]+) handled, ([0-9]+) missed", text)
                sites, hits, handled, missed = map(int, found.groups())
                self.assertGreater(sites, 2)
                self.assertEqual(hits, handled + missed)
                self.assertRegex(text, r"hretprobes +[1-9]")

    def test_refuses_what_is_not_there(self):
        for args, why in ((["--arch", "arm"], "aarch64 or x86_64"), (["--guest", "minix"], "small or linux"),
                          (["--probe", "kprobe:main"], "not there yet"), (["--probe", "hprobe:s2_mep"], "refused a line"), (["--seconds", "0"], "from 1"),
                          (["--seconds", "1", "--prog", "nothing"], "refused a line")):
            with self.subTest(args), self.assertRaisesRegex(demo.Refused, why):
                run(args)


if __name__ == "__main__":
    unittest.main()

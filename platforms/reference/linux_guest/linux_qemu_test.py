# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""A Debian kernel under a reference hypervisor is as it is directly under QEMU."""

import hashlib
import json
import os
import sys
import tempfile
import unittest

from codegen.gen import decoder_gen as decoder
from codegen.symtab import kallsyms
from platforms.reference.linux_guest import harness

GUEST = harness.Guest(sys.argv[1:])
SCRIPTS = {"begin": b"trace load exits --attach\ntrace load hypercalls --attach\n", "end": b"trace progs --json\ntrace gsym 3 _stext\n"}
TRACE_ALL = {"begin": b"trace enable *\n", "end": b"trace stat --json\n"}


def outside():
    return f"outside:{GUEST.arch.outside}"


class Checks(unittest.TestCase):
    maxDiff = None

    def boot(self, vcpus, kaslr):
        run = f"all,{outside()},symbols"
        status, text = GUEST.run(GUEST.vms(run, vcpus, kaslr), files=SCRIPTS)
        self.assertEqual(status, 0, text)
        for vm in "vm1 (caller)", "vm2 (toucher)", "vm3 (linux)":
            self.assertIn(vm + " stopped, all well\n", text)
        self.assert_programs_counted(text)
        found = harness.sections(text)
        direct = harness.sections(GUEST.run_directly(f"all,{outside()}", vcpus))
        self.assertIn(f"cpus: {vcpus}", direct["all"])
        self.assertEqual(found["all"], direct["all"], text)
        self.assertEqual(found[outside()], [GUEST.arch.outside_line])
        self.assertEqual(direct[outside()], [GUEST.arch.outside_line_directly])
        self.assertIn("symbols", found, text)
        self.assert_hypervisor_knows(found["symbols"][1].split()[0], text)
        return found["symbols"]

    def assert_hypervisor_knows(self, start, text):
        """Where the kernel begins: the hypervisor says what the guest says."""
        self.assertRegex(text, rf"(?m)^axebpf> trace gsym 3 _stext\n.*{start.lstrip('0')}.*_stext$")

    def assert_programs_counted(self, text):
        programs = [json.loads(line) for line in text.split("\n") if line.startswith("{")]
        total = sum(sum(counts.values()) for counts in harness.exits(text).values())
        self.assertEqual([line["runs"] for line in programs if line.get("prog") == "count_exit"], [total], text)

    def test_two_runs_are_the_same_to_the_byte(self):
        runs = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as directory:
                stream = os.path.join(directory, "stream")
                status, text = GUEST.run(GUEST.vms("boot", 2), files=TRACE_ALL, stream=stream, deterministic=True)
                with open(stream, "rb") as file:
                    runs.append((text, file.read()))
            self.assertEqual(status, 0, text)
        self.assertEqual(runs[0][0], runs[1][0])
        self.assertTrue(runs[0][1] == runs[1][1], "the streams differ")
        self.assert_all_was_delivered(*runs[0])

    def assert_all_was_delivered(self, text, stream):
        lines = [json.loads(line) for line in text.split("\n") if line.startswith("{")]
        self.assertEqual([line["dropped"] for line in lines if "cpu" in line and line["dropped"]], [], text)
        for vm, counts in harness.exits(text).items():
            self.assertGreater(sum(counts.values()), 100, vm)
        exits = sum(line["hits"] for line in lines if line.get("tracepoint") == "vcpu:exit")
        self.assertEqual(exits, sum(sum(counts.values()) for counts in harness.exits(text).values()))
        found = sum(item["kind"] == "event" and item["name"] == "vcpu:exit" for item in decoder.decode(stream))
        self.assertEqual(found, exits)

    def test_one_vcpu_where_it_was_linked(self):
        listed, start = self.boot(1, False)
        symbols = kallsyms.symbols(GUEST.kernel)
        text = "".join(f"{symbol.address:016x} {symbol.kind} {symbol.name}\n" for symbol in symbols)
        self.assertEqual(listed, f"symbols: {len(symbols)} {hashlib.md5(text.encode()).hexdigest()}  -")
        self.assertIn(start + "\n", text)

    def test_two_vcpus_with_kaslr(self):
        listed, start = self.boot(2, True)
        symbols = {symbol.name: symbol.address for symbol in kallsyms.symbols(GUEST.kernel)}
        self.assertTrue(listed.startswith("symbols: "), listed)
        slide = int(start.split()[0], 16) - symbols["_stext"]
        self.assertNotEqual(slide, 0)
        self.assertEqual(slide % (1 << 16), 0)


class Shell(unittest.TestCase):
    def test_it_is_typed_at_and_powers_off(self):
        with GUEST.boot(GUEST.vms("", words=GUEST.arch.unusual)) as session:
            session.until("guest# ")
            session.type("echo $((6 * 7))\n")
            self.assertIn("\n42\n", session.until("guest# "))
            session.type("poweroff -f\n")
            _, text = session.wait()
        self.assertIn("vm3 (linux) stopped, all well\n", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

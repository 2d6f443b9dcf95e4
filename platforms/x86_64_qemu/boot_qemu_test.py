# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Boots the hypervisor: both guests run to their end and find everything as it must be."""

import collections
import json
import os
import sys
import unittest

from platforms.reference import package
from platforms.x86_64_qemu import qemu

HYPERCALL_STOP = 0xc60000ff
RAM_SIZE = 0x2000000
RAX, RDI, ORIG_RAX, RIP, CS, RSP, SS = 10, 14, 15, 16, 17, 19, 20

ELF = os.path.abspath(sys.argv.pop(1))


def exits(text):
    """{vm name: {reason: count}} of the final report."""
    vms = {}
    for line in text.splitlines():
        words = line.split()
        if line.startswith("vm"):
            counts = vms.setdefault(words[1].strip("()"), {})
        elif line.startswith("  ") and len(words) == 2 and vms:
            counts[words[0]] = int(words[1])
    return vms


class Boot(unittest.TestCase):
    def run_and_check(self, options=(), rounds=80, period_us=1000, files=None, **kwargs):
        vms = qemu.package_file(qemu.small_vms(ELF, rounds, period_us), files)
        status, text = qemu.run(ELF, options, vms=vms, **kwargs)
        self.assertEqual(status, 0, text)
        self.assertIn("vm1 (caller) stopped, all well\n", text)
        self.assertIn("vm2 (toucher) stopped, all well\n", text)
        return text

    def test_exits_of_each_reason_are_those_that_the_guests_make(self):
        vms = exits(self.run_and_check(deterministic=True))
        for counts in vms.values():
            # A tick while the guest runs.
            counts.pop("intr", None)
        # Per round: 8 additions; INT3 and INT n; 2 writes and 1 read; the timer's deadline and end
        # of interrupt; a page in each fourth. Before that 2 MSRs, CPUID, and the page of the stack;
        # after it the stop.
        self.assertEqual(vms["caller"], {
            "hlt": 80, "msr": 2 * 80 + 2, "cpuid": 1, "npf": 3 * 80 + 20 + 2, "vmmcall": 8 * 80 + 1,
            "software_interrupt": 2 * 80})
        # Per round: 1 addition; 5 writes and reads, 6 reads; 3 pages; the APIC's id and 2 leaves of
        # CPUID. In each fourth: a forbidden MSR and 2 instructions; 4 stray accesses and a port;
        # 2 changes of permissions and a write that they forbid.
        self.assertEqual(vms["toucher"], {
            "hlt": 80, "msr": 3 * 80 + 20 + 2, "cpuid": 2 * 80 + 1,
            "npf": 11 * 80 + 3 * 80 + (4 + 1) * 20 + 2, "vmmcall": 80 + 2 * 20 + 1,
            "insn": 2 * 20, "io": 20})

    def test_runs_in_real_time_too(self):
        vms = exits(self.run_and_check(rounds=40, period_us=500))
        self.assertEqual(vms["caller"]["vmmcall"], 8 * 40 + 1)
        self.assertEqual(vms["toucher"]["cpuid"], 2 * 40 + 1)

    def test_guests_take_turns_on_a_cpu(self):
        vms = [qemu.small_vms(ELF, 40, 500)[i % 2] for i in range(6)]
        for i, vm in enumerate(vms, 1):
            vm.name, vm.args = f"guest{i}", (i,) + vm.args[1:]
        status, text = qemu.run(ELF, vms=qemu.package_file(vms))
        self.assertEqual(status, 0, text)
        self.assertEqual(text.count("stopped, all well\n"), 6, text)

    def test_busy_guests_are_interrupted_by_the_tick(self):
        # Rounds without a pause: time passes in the guests, not in HLT.
        vms = exits(self.run_and_check(["tick_us=1000"], rounds=3000, period_us=1, deterministic=True))
        self.assertGreater(vms["toucher"]["intr"], 0)

    def test_losses_are_counted_when_nobody_takes_the_events(self):
        files = {"begin": b"trace load exits --attach\ntrace enable *\n",
                 "end": b"trace stat --json\ntrace progs --json\n"}
        text = self.run_and_check(["script=begin", "finish=end"], rounds=3000, files=files, deterministic=True)
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        rings = [line for line in lines if "cpu" in line]
        for ring in rings:
            self.assertGreater(ring["dropped"], 0)
            self.assertEqual(ring["attempts"], ring["committed"] + ring["dropped"])
            self.assertEqual(ring["committed"], ring["delivered"] + ring["pending"])
        tracepoints = {line["tracepoint"]: line for line in lines if "tracepoint" in line}
        lost = sum(line["lost"] for line in tracepoints.values())
        self.assertEqual(lost, sum(ring["dropped"] for ring in rings))
        # The program still saw every exit.
        total = sum(sum(counts.values()) for counts in exits(text).values())
        self.assertEqual(tracepoints["vcpu:exit"]["hits"], total)
        self.assertEqual([line["runs"] for line in lines if line.get("prog") == "count_exit"], [total])

    def test_hostile_guests_harm_nobody_else(self):
        with open(os.path.join(os.path.dirname(ELF), "guests", "hostile.bin"), "rb") as file:
            hostile = file.read()
        vms = qemu.small_vms(ELF, 100)
        vms += [package.small_vm("x86_64", i, f"hostile{i}", hostile, 1, 1000) for i in range(3, 9)]
        for deterministic in (False, True):
            status, text = qemu.run(ELF, vms=qemu.package_file(vms), deterministic=deterministic)
            self.assertEqual(status, 1, text)
            for name in ("vm1 (caller)", "vm2 (toucher)", "vm4 (hostile4)", "vm6 (hostile6)", "vm8 (hostile8)"):
                self.assertIn(name + " stopped, all well\n", text)
            for i in (3, 5, 7):
                self.assertIn(f"vm{i} (hostile{i}) failed: triple fault\n", text)

    def test_programs_read_the_registers_of_guests(self):
        files = {"begin": b"trace load guest_regs --attach\n", "end": b"trace maps guest_regs --json\n"}
        text = self.run_and_check(["script=begin", "finish=end"], files=files, deterministic=True)
        regs = collections.defaultdict(dict)
        for line in map(json.loads, (line for line in text.splitlines() if line.startswith("{"))):
            regs[line["cpu"]][int(line["key"])] = int(line["value"])
        self.assertEqual(len(regs), 2, text)
        # struct pt_regs, when the guest had called to stop.
        for of_vm in regs.values():
            self.assertEqual((of_vm[RAX], of_vm.get(RDI, 0)), (HYPERCALL_STOP, 0))
            for place in RIP, RSP:
                self.assertIn(of_vm[place], range(RAM_SIZE))
            self.assertNotEqual(of_vm[CS], of_vm[SS])
            self.assertNotIn(ORIG_RAX, of_vm)

    def test_refuses_unknown_option(self):
        status, text = qemu.run(ELF, ["round=1"])
        self.assertEqual(status, 2)
        self.assertIn("command line: round=1", text)

    def test_refuses_to_run_without_a_package(self):
        status, text = qemu.run(ELF)
        self.assertEqual(status, 2)
        self.assertIn("there is no VM package", text)


if __name__ == "__main__":
    unittest.main()

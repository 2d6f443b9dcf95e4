# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Boots the hypervisor: both guests run to their end and find everything as it must be."""

import collections
import dataclasses
import itertools
import json
import os
import sys
import tempfile
import unittest

from platforms.aarch64_qemu import qemu
from platforms.reference import package

HYPERCALL_STOP = 0xc60000ff
RAM_BASE, RAM_SIZE = 0x40000000, 0x2000000
SP, PC, PSTATE = 31, 32, 33

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
    def run_and_check(self, options, **kwargs):
        status, text = qemu.run(ELF, options, **kwargs)
        self.assertEqual(status, 0, text)
        self.assertIn("vm1 (caller) stopped, all well\n", text)
        self.assertIn("vm2 (toucher) stopped, all well\n", text)
        return exits(text)

    def test_exits_of_each_reason_are_those_that_the_guests_make(self):
        vms = self.run_and_check(["rounds=80"], deterministic=True)
        for counts in vms.values():
            # A kick when the other VM ends.
            self.assertLessEqual(counts.pop("irq", 0), 1)
        # Per round: 8 additions; 1 PSCI call; 2 writes and 1 read; a page in each fourth. Then the
        # stop, the page of the stack, and 3 registers of the interrupt controller.
        self.assertEqual(vms["caller"], {
            "wfi": 80, "hvc": 8 * 80 + 1, "smc": 80, "data-abort": 3 * 80 + 20 + 1 + 3})
        # Per round: 1 addition; 5 writes and reads, 6 reads; 3 pages; an ID register; in each
        # fourth an undefined register, a stray access, and a write to a page that the hypervisor
        # protects before (1 call) and not after (1 call).
        self.assertEqual(vms["toucher"], {
            "wfi": 80, "hvc": 80 + 1 + 2 * 20, "sysreg": 80 + 20,
            "data-abort": 11 * 80 + 3 * 80 + 20 + 20 + 1 + 3})

    def test_hostile_guest_harms_nobody(self):
        pages = qemu.small_vms(ELF, guests=["hostile", "caller", "toucher"])
        blocks = [dataclasses.replace(vm, flags=vm.flags & ~package.DEVICE) for vm in pages[:1]] + pages[1:]
        for cpu, vms in itertools.product(("cortex-a72", "max"), map(qemu.package_file, (pages, blocks))):
            with self.subTest(cpu=cpu):
                status, text = qemu.run(ELF, deterministic=True, vms=vms, extra=["-cpu", cpu])
                self.assertEqual(status, 0, text)
                for vm in "vm1 (hostile)", "vm2 (caller)", "vm3 (toucher)":
                    self.assertIn(vm + " stopped, all well\n", text)

    def test_says_why_a_vm_cannot_be_started(self):
        vms = qemu.small_vms(ELF)
        vms[1].vcpus = 4
        status, text = qemu.run(ELF, vms=qemu.package_file(vms))
        self.assertEqual(status, 2, text)
        self.assertIn("toucher cannot be started: there are not enough CPUs for it\n", text)

    def test_runs_in_real_time_too(self):
        vms = self.run_and_check(["rounds=40", "period_us=500"])
        self.assertEqual(vms["caller"]["hvc"], 8 * 40 + 1)
        self.assertEqual(vms["toucher"]["sysreg"], 40 + 10)

    def test_busy_guests_are_interrupted_by_the_tick(self):
        # Rounds without a pause: time passes in the guests, not in WFI.
        vms = self.run_and_check(["rounds=3000", "period_us=1"], deterministic=True)
        self.assertGreater(vms["toucher"]["irq"], 0)

    def test_losses_are_counted_when_nobody_takes_the_events(self):
        with tempfile.TemporaryDirectory() as directory:
            for name, text in (("begin", "trace load exits --attach\ntrace enable *\n"),
                               ("end", "trace stat --json\ntrace progs --json\n")):
                with open(os.path.join(directory, name), "w", encoding="ascii") as file:
                    file.write(text)
            status, text = qemu.run(ELF, ["rounds=3000", "script=begin", "finish=end"], deterministic=True,
                                    cwd=directory)
        self.assertEqual(status, 0, text)
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        rings = [line for line in lines if "cpu" in line]
        for ring in rings:
            self.assertEqual(ring["attempts"], ring["committed"] + ring["dropped"])
            self.assertEqual(ring["committed"], ring["delivered"] + ring["pending"])
        self.assertGreater(sum(ring["dropped"] > 0 for ring in rings), 1)
        tracepoints = {line["tracepoint"]: line for line in lines if "tracepoint" in line}
        lost = sum(line["lost"] for line in tracepoints.values())
        self.assertEqual(lost, sum(ring["dropped"] for ring in rings))
        # The program still saw every exit.
        total = sum(sum(counts.values()) for counts in exits(text).values())
        self.assertEqual(tracepoints["vcpu:exit"]["hits"], total)
        self.assertEqual([line["runs"] for line in lines if line.get("prog") == "count_exit"], [total])

    def test_programs_read_the_registers_of_guests(self):
        with tempfile.TemporaryDirectory() as directory:
            for name, text in (("begin", "trace load guest_regs --attach\n"), ("end", "trace maps guest_regs --json\n")):
                with open(os.path.join(directory, name), "w", encoding="ascii") as file:
                    file.write(text)
            _, text = qemu.run(ELF, ["script=begin", "finish=end"], deterministic=True, cwd=directory)
        regs = collections.defaultdict(dict)
        for line in map(json.loads, (line for line in text.splitlines() if line.startswith("{"))):
            regs[line["cpu"]][int(line["key"])] = int(line["value"])
        self.assertEqual(len(regs), 2, text)
        # struct user_pt_regs, when the guest had called to stop.
        for of_vm in regs.values():
            self.assertEqual((of_vm[0], of_vm.get(1, 0)), (HYPERCALL_STOP, 0))
            for place in SP, PC:
                self.assertIn(of_vm[place], range(RAM_BASE, RAM_BASE + RAM_SIZE))
            self.assertEqual(of_vm[PSTATE] & 0xf, 5)  # EL1h

    def test_refuses_unknown_option(self):
        status, text = qemu.run(ELF, ["round=1"])
        self.assertEqual(status, 2)
        self.assertIn("command line: round=1", text)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Lines that are typed on the serial line while guests run: the same on each hypervisor."""

import json
import os
import re
import sys
import threading
import unittest

PROMPT = "axebpf> "
TIMEOUT_S = 30


def tests(qemu):
    """The tests of the hypervisor that `qemu` starts, an ELF that the first argument names."""
    elf = os.path.abspath(sys.argv.pop(1))

    class Typed(unittest.TestCase):
        """Two small guests run, and we have the shell."""

        def setUp(self):
            self.machine = qemu.start(elf, qemu.small_vms(elf, rounds=1000000), ["stay=1"])
            self.timer = threading.Timer(TIMEOUT_S, self.machine.process.kill)
            self.timer.start()
            self.until_prompt()

        def tearDown(self):
            self.timer.cancel()
            self.machine.kill()

        def until_prompt(self):
            text = b""
            while not text.endswith(PROMPT.encode()):
                char = self.machine.process.stdout.read(1)
                self.assertNotEqual(char, b"", text.decode())
                text += char
            return text.decode().replace("\r\n", "\n")

        def answer(self, line):
            """What comes after `line`, which is typed at the prompt, was echoed."""
            self.machine.type(line + "\r")
            text = self.until_prompt()
            self.assertTrue(text.startswith(line + "\n"), text)
            return text[len(line) + 1:]

        def end(self):
            """The guests that ran found all well."""
            self.machine.type("exit\r")
            rest = self.machine.process.stdout.read().decode()
            self.assertEqual(self.machine.end(), 0, rest)
            return rest

        def state(self, vm_id):
            """State and number of starts."""
            words = [line.split() for line in self.answer("vm list").splitlines()]
            return next((line[2], int(line[-1])) for line in words if line and line[0] == str(vm_id))

        def free_memory(self):
            return int(re.search(r"free: (\d+)K", self.answer("vm list")).group(1))

        def test_commands_run_while_guests_do(self):
            self.assertIn("Enabled: vcpu:exit (1)", self.answer("trace enable vcpu:exit"))
            self.machine.type("trace load exiX\bts --attach\n")
            self.assertIn("Attached: count_exit to vcpu:exit", self.until_prompt())
            self.assertIn("error: no such command", self.answer("trace nothing"))
            self.machine.type("x" * 400 + "\r")
            self.assertIn("error: no such command", self.until_prompt())
            self.assertIn("vm2 (toucher) off", self.end())

        def test_history_and_completion(self):
            self.machine.type("tr\ten\tvcpu:ex\t\r")
            self.assertIn("Enabled: vcpu:exit (1)", self.until_prompt())
            self.machine.type("\x1b[A\x1b[D\x01\x1b[1;5C\x05\r")  # Up, around, and once more.
            self.assertIn("Enabled: vcpu:exit (1)", self.until_prompt())
            self.machine.type("vm \t")
            self.assertRegex(self.until_prompt(), r"list +info +start +stop +reset +console")
            self.machine.type("st\t")
            self.assertRegex(self.until_prompt(), r"start +stop")
            self.machine.type("o\tto\t\r")
            self.until_prompt()
            self.machine.type("vm stop 1\x03")
            self.until_prompt()
            self.assertEqual([self.state(1), self.state(2)], [("running", 1), ("off", 1)])
            self.end()

        def test_vms_are_stopped_and_started_while_others_run(self):
            self.assertEqual(self.state(1), ("running", 1))
            self.answer("vm stop 1")
            self.assertEqual(self.state(1), ("off", 1))
            self.assertEqual(self.state(2), ("running", 1))
            self.assertIn("error", self.answer("vm stop 1"))
            self.answer("vm start 1")
            self.assertIn("error", self.answer("vm start 1"))
            self.answer("vm reset 2")
            self.assertEqual([self.state(1), self.state(2)], [("running", 2), ("running", 2)])
            self.end()

        def probes(self):
            """Hits, handled, missed of each probe."""
            rows = [json.loads(line) for line in self.answer("trace hprobe --json").splitlines()
                    if line.startswith("{")]
            for row in rows:
                self.assertIn(row["hits"] - row["handled"] - row["missed"] - row["throttled"], range(5), "what is under way: " + str(row))
            return {(row["probe"], row["site"]): (row["hits"], row["handled"], row["missed"]) for row in rows}

        def wait_for_hits(self, probe):
            """While the guests go on."""
            before = self.probes()[probe][1]
            while self.probes()[probe][1] < before + 10:
                pass

        def test_probes_on_the_hypervisor_come_and_go(self):
            self.assertEqual(self.answer("trace check hprobe:exit_handle").splitlines()[1], "  exit_handle: patch site, no trap")
            self.assertIn("it is part of the way into and out of probes", self.answer("trace blacklist"))
            self.assertIn("it is part of the way into and out of probes", self.answer("trace hprobe vcpu_enter"))
            self.answer("trace hprobe exit_handle")
            self.answer("trace hretprobe exit_handle")
            self.assertIn("the same probe is there already", self.answer("trace hprobe exit_handle"))
            self.wait_for_hits(("hprobe", "exit_handle"))
            self.wait_for_hits(("hretprobe", "exit_handle"))
            self.assertRegex(self.answer("trace dump 20"), r"hprobe +exit_handle +args=.*\n.*hretprobe +exit_handle +args=.* dur=")
            self.assertIn("Detached: exit_handle (2)", self.answer("trace unhprobe exit_handle"))
            self.assertEqual(self.probes(), {})
            self.assertIn("did you mean exit_handle?", self.answer("trace hprobe exit_handel"))
            self.end()

        def test_probes_rest_and_are_throttled(self):
            self.answer("trace hprobe exit_handle")
            self.answer("trace hretprobe exit_handle")
            self.wait_for_hits(("hprobe", "exit_handle"))
            self.assertIn("Disabled: h:exit_handle (1)", self.answer("trace disable h:exit_handle"))
            self.wait_for_hits(("hretprobe", "exit_handle"))
            self.assertIn("Disabled: hr:exit_handle (1)", self.answer("trace disable hr:exit_handle"))
            before = self.probes()
            self.answer("vm list")
            self.assertEqual(self.probes(), before)
            self.assertRegex(self.answer("trace hprobe"), r"hprobe +exit_handle .* disabled\n")
            self.answer("trace enable probe:throttled")
            self.assertIn("Throttled: hprobe:exit_handle (1)", self.answer("trace throttle hprobe:exit_handle 1"))
            self.assertIn("Enabled: h:exit_handle (1)", self.answer("trace enable h:exit_handle"))
            self.wait_for_hits(("hprobe", "exit_handle"))
            while "probe:throttled" not in self.answer("trace dump 100"):
                pass
            row = json.loads(self.answer("trace hprobe --json").splitlines()[1])
            self.assertGreater(row["throttled"], 0)
            self.assertIn("is no number of hits", self.answer("trace throttle h:exit_handle many"))
            self.assertIn("nothing is attached at any of these", self.answer("trace throttle h:memcpy 1"))
            self.answer("trace unhprobe exit_handle")
            self.end()

        def test_programs_run_at_probes(self):
            self.answer("trace load regs")
            self.answer("trace hprobe exit_handle on_call")
            self.answer("trace hretprobe exit_handle on_return")
            self.wait_for_hits(("hretprobe", "exit_handle"))
            calls = sum(int(json.loads(line).get("value", 0)) for line in self.answer("trace maps calls --json").splitlines()
                        if line.startswith("{"))
            self.assertGreaterEqual(calls, 10)
            self.assertIn("error", self.answer("trace unload regs"))
            self.assertIn("only --write can stand here", self.answer("trace hprobe memset on_call --right"))
            self.assertIn("Attached: hprobe:memset (1)", self.answer("trace hprobe memset on_call --write"))
            self.assertIn("Detached: memset (1)", self.answer("trace unhprobe memset"))
            self.answer("trace unhprobe exit_handle")
            self.assertIn("Unloaded", self.answer("trace unload regs"))
            self.assertEqual(self.probes(), {})
            self.end()

        def test_attaching_and_detaching_harms_no_guest(self):
            for _ in range(8):
                self.answer("trace hprobe exit_*")
                self.answer("trace hretprobe exit_*")
                self.answer("trace unhprobe exit_*")
            self.assertIn("no probes are attached", self.answer("trace hprobe"))
            self.end()

        def test_memory_of_stopped_vms_is_used_again(self):
            self.answer("trace enable *")
            free = []
            for _ in range(10):
                self.answer("vm stop 1")
                self.answer("vm stop 2")
                free.append(self.free_memory())
                self.answer("vm start 2")
                self.answer("vm start 1")
            self.assertEqual(free, free[:1] * 10)
            self.assertLess(self.free_memory(), free[0])
            self.end()

    return Typed

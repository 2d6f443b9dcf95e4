# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Lines that are typed on the UART while guests run."""

import os
import re
import subprocess
import sys
import threading
import unittest

from platforms.aarch64_qemu import qemu

ELF = os.path.abspath(sys.argv.pop(1))
PROMPT = b"axebpf> "
TIMEOUT_S = 30


class Typed(unittest.TestCase):
    def setUp(self):
        self.qemu = subprocess.Popen(
            qemu.command(ELF, ["stay=1", "rounds=1000000"]), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.timer = threading.Timer(TIMEOUT_S, self.qemu.kill)
        self.timer.start()

    def tearDown(self):
        self.timer.cancel()
        self.qemu.kill()
        self.qemu.communicate()

    def until_prompt(self):
        text = b""
        while not text.endswith(PROMPT):
            char = self.qemu.stdout.read(1)
            self.assertNotEqual(char, b"", text.decode())
            text += char
        return text.decode()

    def type(self, keys):
        self.qemu.stdin.write(keys)
        self.qemu.stdin.flush()

    def answer(self, line):
        """What comes after `line`, which is typed at the prompt, was echoed."""
        self.type(line.encode() + b"\r")
        text = self.until_prompt().replace("\r\n", "\n")
        self.assertTrue(text.startswith(line + "\n"), text)
        return text[len(line) + 1:]

    def free_memory(self):
        return int(re.search(r"free: (\d+)K", self.answer("vm list")).group(1))

    def state(self, vm_id):
        """State and number of starts."""
        words = [line.split() for line in self.answer("vm list").splitlines()]
        return next((line[2], int(line[-1])) for line in words if line and line[0] == str(vm_id))

    def test_vms_are_stopped_and_started_while_others_run(self):
        self.until_prompt()
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

    def test_memory_of_stopped_vms_is_used_again(self):
        self.until_prompt()
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

    def end(self):
        """The guests that ran found all well."""
        self.type(b"exit\r")
        rest, _ = self.qemu.communicate()
        self.assertEqual(self.qemu.returncode, 0, rest.decode())

    def test_commands_run_while_guests_do(self):
        self.until_prompt()
        self.type(b"trace enable vcpu:exit\r")
        self.assertIn("Enabled: vcpu:exit (1)", self.until_prompt())
        self.type(b"trace load exiX\bts --attach\n")
        self.assertIn("Attached: count_exit to vcpu:exit", self.until_prompt())
        self.type(b"trace nothing\r")
        self.assertIn("error: no such command", self.until_prompt())
        self.type(b"x" * 400 + b"\r")
        self.assertIn("error: no such command", self.until_prompt())
        self.type(b"exit\r")
        rest, _ = self.qemu.communicate()
        self.assertEqual(self.qemu.returncode, 0, rest.decode())
        self.assertIn("vm2 (toucher) off", rest.decode())


if __name__ == "__main__":
    unittest.main()

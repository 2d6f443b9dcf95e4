# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Lines that are typed on the serial line while guests run."""

import os
import subprocess
import sys
import threading
import unittest

from platforms.x86_64_qemu import qemu

ELF = os.path.abspath(sys.argv.pop(1))
PROMPT = b"axebpf> "
TIMEOUT_S = 30


class Typed(unittest.TestCase):
    def setUp(self):
        vms = qemu.package_file(qemu.small_vms(ELF, rounds=1000000))
        self.qemu = subprocess.Popen(
            qemu.command(ELF, ["stay=1"], vms=vms), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
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

    def test_commands_run_while_guests_do(self):
        self.until_prompt()
        self.type(b"trace enable vcpu:exit\r")
        self.assertIn("Enabled: vcpu:exit (1)", self.until_prompt())
        self.type(b"trace load exits --attach\n")
        self.assertIn("Attached: count_exit to vcpu:exit", self.until_prompt())
        self.type(b"trace nothing\r")
        self.assertIn("error: no such command", self.until_prompt())
        self.type(b"x" * 400 + b"\r")
        self.assertIn("error: no such command", self.until_prompt())
        self.type(b"exit\r")
        rest, _ = self.qemu.communicate()
        self.assertEqual(qemu.status_of(self.qemu.returncode), 0, rest.decode())
        self.assertIn("vm2 (toucher) off", rest.decode())


if __name__ == "__main__":
    unittest.main()

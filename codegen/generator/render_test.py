# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Generation gives the same bytes each time and everywhere, ASCII, without a trace of the machine."""

import os
import subprocess
import sys
import tempfile
import time
import unittest

from codegen.generator import main

SPEC = "codegen/spec/axebpf.yaml"
TEMPLATES = "codegen/templates"


def generate_in_new_process(out, seed):
    """{relative name: bytes} of what a process with that hash seed writes."""
    env = {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "codegen.generator.main", "--spec", SPEC, "--templates", TEMPLATES, "--out", out]
    start = time.monotonic()
    subprocess.run(command, env=env, check=True)
    print(f"generated in {time.monotonic() - start:.2f} s")
    files = {}
    for folder, _, names in os.walk(out):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as stream:
                files[os.path.relpath(path, out)] = stream.read()
    return files


class Render(unittest.TestCase):
    def test_two_processes_write_the_same(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            first = generate_in_new_process(one, "1")
            second = generate_in_new_process(os.path.join(two, "deep", "er"), "2")
        self.assertEqual(sorted(first), sorted(second))
        for name in first:
            self.assertEqual(first[name], second[name], name)
        self.assertIn("event_gen.h", first)

    def test_texts_are_ascii_and_end_with_one_newline_and_know_no_machine(self):
        here = os.getcwd()
        for name, text in main.generate(SPEC, TEMPLATES).items():
            with self.subTest(name):
                self.assertTrue(text.isascii())
                self.assertTrue(text.endswith("\n"))
                self.assertNotIn(here, text)
                self.assertNotIn("\r", text)


if __name__ == "__main__":
    unittest.main()

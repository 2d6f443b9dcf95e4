# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""`run --raw` as the plug-in of a conformance suite: every case of testdata/isa, a process each."""

import os
import subprocess
import sys
import unittest

AXEBPF, RAW_CASES, A_CASE = sys.argv[1:4]
del sys.argv[1:]


class RawTest(unittest.TestCase):
    def test_cases(self):
        directory = os.path.dirname(A_CASE)
        lines = subprocess.run((RAW_CASES, directory), check=True, stdout=subprocess.PIPE).stdout.decode().splitlines()
        self.assertGreater(len(lines), 1500)
        for line in lines:
            name, program, memory, expected = line.split("\t")
            # One byte a word, as the suite writes them.
            stdin = " ".join(program[i : i + 2] for i in range(0, len(program), 2)) + "\n"
            args = (AXEBPF, "run", "--raw") + (() if memory == "-" else (memory,))
            result = subprocess.run(args, input=stdin.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            with self.subTest(name=name, program=program):
                if expected in ("fault", "rejected"):
                    self.assertEqual((result.returncode, result.stdout), (1, b""))
                    self.assertNotEqual(result.stderr, b"")
                else:
                    self.assertEqual((result.returncode, result.stdout.decode()), (0, expected + "\n"), result.stderr)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""What the kernel will find in an initrd, as cpio sees it."""

import subprocess
import tempfile
import unittest

from platforms.reference.linux_guest import initrd


class Initrd(unittest.TestCase):
    def test_as_cpio_reads_it(self):
        data = initrd.archive({"init": b"#!/bin/sh\n", "bin/check": b"x" * 5, "a/b/c": b""})
        with tempfile.TemporaryDirectory() as directory:
            listing = subprocess.run(["cpio", "-itv", "--quiet"], input=data, stdout=subprocess.PIPE, check=True,
                                     cwd=directory).stdout.decode().splitlines()
        found = [(line.split()[0], line.split()[-1]) for line in listing]
        self.assertEqual(found, [
            ("drwxr-xr-x", "a"), ("drwxr-xr-x", "a/b"), ("-rwxr-xr-x", "a/b/c"), ("drwxr-xr-x", "bin"),
            ("-rwxr-xr-x", "bin/check"), ("drwxr-xr-x", "dev"), ("crw-------", "dev/console"), ("-rwxr-xr-x", "init")])
        self.assertEqual(listing[6].split()[4:6], ["5,", "1"])

    def test_same_bytes_in_any_order(self):
        self.assertEqual(initrd.archive({"a": b"1", "b": b"2"}), initrd.archive({"b": b"2", "a": b"1"}))


if __name__ == "__main__":
    unittest.main()

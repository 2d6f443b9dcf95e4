# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The symbols that symtab finds are those that nm prints; the blob has them in both orders."""

import os
import struct
import subprocess
import sys
import tempfile
import unittest

from codegen.symtab import symtab

SAMPLE = os.path.abspath(sys.argv.pop(1))


def sample():
    with open(SAMPLE, "rb") as file:
        return symtab.Elf(file.read())


class Symtab(unittest.TestCase):
    def test_letters_and_addresses_are_those_of_nm(self):
        nm = subprocess.run(["llvm-nm-19", SAMPLE], stdout=subprocess.PIPE, check=True)
        expected = {}
        for line in nm.stdout.decode().splitlines():
            words = line.split()
            if len(words) == 3:
                expected[words[2]] = (int(words[0], 16), words[1])
        found = {name: (value, letter) for name, value, letter, _ in sample().symbols()}
        for name in ("in_bss", "in_data", "in_rodata", "local_in_bss", "local_in_data", "weak_object",
                     "local_function", "weak_function", "main"):
            self.assertEqual(expected[name], found[name], name)

    def test_blob_has_both_orders(self):
        blob = symtab.encode([(4, "T", "b"), (8, "t", "c"), (8, "D", "a")])
        self.assertEqual(blob[:8], b"AXBSYMS1")
        self.assertEqual(struct.unpack_from("<II", blob, 8), (3, 6))
        self.assertEqual(struct.unpack_from("<9I", blob, 16), (4, 8, 8, 0, 2, 4, 2, 0, 1))
        self.assertEqual(blob[52:], b"TtDb\0c\0a\0")

    def test_selects_the_range_and_sorts_labels_last(self):
        class Fake:
            def symbols(self):
                return [("end", 0x130, "T", True), ("label", 0x110, "t", False), ("$x", 0x110, "t", False),
                        ("start", 0x100, "T", True), ("zfunction", 0x110, "t", True), ("before", 0xf0, "T", True)]
        self.assertEqual(symtab.select(Fake(), "start", "end"),
                         [(0, "T", "start"), (0x10, "t", "zfunction"), (0x10, "t", "label")])
        with self.assertRaisesRegex(symtab.SymtabError, "no symbol stop"):
            symtab.select(Fake(), "start", "stop")

    def test_check_refuses_a_file_without_its_blob(self):
        with tempfile.TemporaryDirectory() as directory:
            out = os.path.join(directory, "out")
            symtab.main("blob", SAMPLE, "weak_function", "main", out)
            with open(out, encoding="ascii") as file:
                self.assertTrue(file.read().startswith('\t.section .axb_symbols, "a"\n'))
            with self.assertRaisesRegex(symtab.SymtabError, "must be behind main"):
                symtab.main("check", SAMPLE, "weak_function", "main", out)

    def test_refuses_other_files(self):
        with self.assertRaises(symtab.SymtabError):
            symtab.Elf(b"\x7fELF\x01\x01")


if __name__ == "__main__":
    unittest.main()

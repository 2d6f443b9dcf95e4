# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The blob's writer and the ELF reader; the blob's reader is tested in runtime/sym."""

import os
import struct
import tempfile
import unittest

from codegen.symtab import blob, elf, main


def make_elf(symbols, rodata=b""):
    """A little-endian ELF64 with .text at 0x1000, .rodata at 0x2000, .bss at 0x3000 and symbols (name, value, type, binding, section)."""
    strings, table = b"\0", b"\0" * 24
    for name, value, kind, binding, section in symbols:
        table += struct.pack("<IBBHQQ", len(strings), binding << 4 | kind, 0, section, value, 0)
        strings += name.encode() + b"\0"
    text = b"\0" * 0x100
    parts = [(1, 6, 0x1000, text), (1, 2, 0x2000, rodata), (8, 3, 0x3000, b""), (2, 0, 0, table), (3, 0, 0, strings)]
    body, headers = b"", b"\0" * 64
    for kind, flags, address, data in parts:
        size = 0x100 if kind == 8 else len(data)
        headers += struct.pack("<IIQQQQIIQQ", 0, kind, flags, address, 64 + len(body), size, 5, 0, 1, 24)
        body += data
    head = b"\x7fELF\x02\x01".ljust(0x28, b"\0") + struct.pack("<Q", 64 + len(body))
    head = head.ljust(0x3A, b"\0") + struct.pack("<HH", 64, 6)
    return head.ljust(64, b"\0") + body + headers


FUNC, OBJECT, NOTYPE = 2, 1, 0


class ElfTest(unittest.TestCase):
    def symbols(self, *symbols):
        return [tuple(s) for s in elf.Elf(make_elf(symbols, b"x" * 16)).symbols()]

    def test_letters_are_those_of_nm(self):
        got = self.symbols(
            ("f", 0x1000, FUNC, 1, 1), ("g", 0x1010, FUNC, 0, 1), ("r", 0x2000, OBJECT, 1, 2), ("b", 0x3000, OBJECT, 0, 3)
        )
        self.assertEqual(got, [("f", 0x1000, "T"), ("g", 0x1010, "t"), ("r", 0x2000, "R"), ("b", 0x3000, "b")])

    def test_leaves_out_what_is_no_code_or_data(self):
        got = self.symbols(
            ("f", 0x1000, FUNC, 1, 1),
            ("$x", 0x1004, NOTYPE, 0, 1),
            (".Ltmp", 0x1008, NOTYPE, 0, 1),
            ("text_start", 0x1000, NOTYPE, 1, 1),
            ("text_end", 0x1100, NOTYPE, 1, 1),
            ("undefined", 0, FUNC, 1, 0),
            ("file.c", 0, 4, 0, 0xFFF1),
            ("from_assembly", 0x1020, NOTYPE, 1, 1),
        )
        self.assertEqual([s[0] for s in got], ["f", "from_assembly"])

    def test_refuses_other_files(self):
        for data in (b"", b"text", b"\x7fELF\x01\x01" + b"\0" * 100, b"\x7fELF\x02\x02" + b"\0" * 100):
            with self.assertRaises(elf.ElfError):
                elf.Elf(data)


class BlobTest(unittest.TestCase):
    def test_is_deterministic_and_does_not_depend_on_the_order(self):
        symbols = [elf.Symbol("name_%d" % i, 0x1000 + i * 16, "T") for i in range(300)]
        self.assertEqual(blob.encode(symbols), blob.encode(symbols[::-1]))

    def test_drops_exact_doubles_only(self):
        symbols = [elf.Symbol(n, a, "t") for n, a in (("a", 1), ("a", 1), ("a", 2), ("b", 1))]
        self.assertEqual(struct.unpack_from("<I", blob.encode(symbols), 24), (3,))

    def test_size_does_not_depend_on_addresses(self):
        def size(shift):
            return len(blob.encode([elf.Symbol("f%d" % i, shift + i, "T") for i in range(100)], shift))

        self.assertEqual(size(0x1000), size(0xFFFFFFFF80000000))

    def test_uses_wide_ranks_for_many_symbols(self):
        symbols = [elf.Symbol("s%x" % i, i, "T") for i in range(65536)]
        self.assertEqual(struct.unpack_from("<H", blob.encode(symbols[:-1]), 6), (2,))
        self.assertEqual(struct.unpack_from("<H", blob.encode(symbols), 6), (4,))

    def test_refuses_symbols_too_far_apart(self):
        with self.assertRaises(blob.BlobError):
            blob.encode([elf.Symbol("a", 0, "T"), elf.Symbol("b", 1 << 32, "T")])

    def test_cuts_and_cleans_names(self):
        data = blob.encode([elf.Symbol("x" * 500 + "\u00e9", 0, "T"), elf.Symbol("\u00e9 b", 1, "T")])
        self.assertIn(b"??b", data)


class VerifyTest(unittest.TestCase):
    SYMBOLS = [("f", 0x1000, FUNC, 1, 1), (main.IMAGE, 0x2000, OBJECT, 1, 2), (main.IMAGE_SIZE, 0x20F0, OBJECT, 1, 2)]

    def run_verify(self, rodata, symbols):
        with tempfile.TemporaryDirectory() as folder:
            path, out = os.path.join(folder, "elf"), os.path.join(folder, "out")
            with open(path, "wb") as stream:
                stream.write(make_elf(symbols, rodata))
            status = main.main(["verify", "--elf", path, "--out", out])
            self.assertEqual(os.path.exists(out), status == 0)
            return status

    def test_accepts_only_the_blob_of_the_image_itself(self):
        data = main.blob_of(elf.Elf(make_elf(self.SYMBOLS, b"x" * 0xF8)))
        rodata = data.ljust(0xF8, b"\0")
        self.assertLess(len(data), 0xF0)
        self.assertEqual(self.run_verify(rodata, self.SYMBOLS), 0)
        moved = [("f", 0x1004, FUNC, 1, 1)] + self.SYMBOLS[1:]
        self.assertEqual(self.run_verify(rodata, moved), 1)
        self.assertEqual(self.run_verify(rodata, self.SYMBOLS + [("g", 0x1010, FUNC, 0, 1)]), 1)
        self.assertEqual(self.run_verify(rodata, [s for s in self.SYMBOLS if s[0] != main.IMAGE]), 1)


class SourceTest(unittest.TestCase):
    def test_empty_blob_is_valid_c(self):
        self.assertIn("axb_symtab_image_size = 0;", main.c_source(b""))
        self.assertIn("\t0,\n", main.c_source(b""))

    def test_nm_lines(self):
        text = "0000000000001000 T start\n                 U undefined\n\n1010 t x\n"
        self.assertEqual(elf.parse_nm(text), [elf.Symbol("start", 0x1000, "T"), elf.Symbol("x", 0x1010, "t")])


if __name__ == "__main__":
    unittest.main()

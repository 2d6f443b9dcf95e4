# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Kernels made here, whole and broken, as the finder of their symbols sees them."""

import gzip
import lzma
import random
import struct
import subprocess
import unittest
from unittest import mock

from codegen.symtab import kallsyms

BASE = 0xFFFF800008000000
BASE_X86 = 0xFFFFFFFF81000000
PAIRS = ["_p", "ge", "vf", "s_", "re", "ad"]
SYMBOLS = [("T", "_text", 0), ("d", "no_text", 0x10), ("t", "vfs_read", 0x20), ("T", "vfs_read", 0x20),
           ("W", "free_page", 0x1000), ("t", "x" * 200, 0x2000)] + \
          [("t", f"f{i}", 0x3000 + 4 * i) for i in range(1000)]
TEXT = [symbol for symbol in SYMBOLS if symbol[0] != "d"]


def padded(data):
    return data + b"\0" * (-len(data) % 8)


def tokens():
    """Characters are themselves, those that no name has are pairs."""
    spare = iter(PAIRS)
    return [chr(i) if chr(i).isalnum() or chr(i) == "_" else next(spare, "") for i in range(256)]


def codes(text):
    table, out = tokens(), []
    while text:
        size = 2 if text[:2] in PAIRS else 1
        out.append(table.index(text[:size]))
        text = text[size:]
    return bytes(out)


def tables(symbols, base, offset_of=lambda offset: offset, seqs=True, marker=0):
    names, markers = b"", []
    for i, (kind, name, _) in enumerate(symbols):
        if i % 256 == 0:
            markers.append(len(names) + marker)
        packed = codes(kind + name)
        size = len(packed)
        names += (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + packed
    texts = [token.encode() + b"\0" for token in tokens()]
    starts = [sum(map(len, texts[:i])) for i in range(256)]
    return b"".join(padded(part) for part in (
        struct.pack(f"<{len(symbols)}i", *[offset_of(symbol[2]) for symbol in symbols]),
        struct.pack("<Q", base),
        struct.pack("<Q", len(symbols)),
        names,
        struct.pack(f"<{len(markers)}I", *markers),
        b"\1\2\3" * (len(symbols) if seqs else 0),
        b"".join(texts),
        struct.pack("<256H", *starts)))


def image(symbols=tuple(SYMBOLS), base=BASE, before=4096, relocated=False, code=b"", **kwargs):
    head = bytearray(random.Random(1).randbytes(before))
    head[56:60] = b"ARM\x64"
    head[64:64 + len(code)] = code
    out = bytes(head) + tables(symbols, 0 if relocated else base, **kwargs)
    if relocated:
        base_at = before + len(padded(b"1234" * len(symbols)))
        out += struct.pack("<QQQ", BASE + base_at, 1027, base)
    return out


def vmlinux(symbols=tuple(SYMBOLS)):
    return b"\x7fELF" + b"x" * 4092 + tables(symbols, BASE_X86, lambda offset: -1 - offset)


def bzimage(payload, setup_sectors=4, trailer=b"size"):
    head = bytearray((setup_sectors + 1) * 512)
    head[0x1F1] = setup_sectors
    head[0x202:0x206] = b"HdrS"
    struct.pack_into("<II", head, 0x248, 16, len(payload + trailer))
    return bytes(head) + b"\xcc" * 16 + payload + trailer + b"rest"


def lz4(data):
    return subprocess.run(["lz4", "-lc"], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True).stdout


def found(kernel):
    return [(symbol.kind, symbol.name, symbol.address) for symbol in kallsyms.symbols(kernel)]


def expected(base):
    return [(kind, name, base + offset) for kind, name, offset in TEXT]


class Found(unittest.TestCase):
    def test_in_images(self):
        for name, kernel in {
                "plain": image(), "relocated": image(relocated=True), "packed": gzip.compress(image()),
                "without seqs_of_names": image(seqs=False),
                "digits before": image(code=b"".join(b"%d\0" % digit for digit in range(10))),
        }.items():
            with self.subTest(name):
                self.assertEqual(found(kernel), expected(BASE))

    def test_in_bzimages(self):
        gzipped = gzip.compress(vmlinux())
        for name, kernel in {
                "lz4": bzimage(lz4(vmlinux())), "xz": bzimage(lzma.compress(vmlinux())),
                "gzip, which ends with the size itself": bzimage(gzipped, trailer=b""),
                "sectors unsaid": bzimage(lz4(vmlinux())).replace(b"\4", b"\0", 1),
        }.items():
            with self.subTest(name):
                self.assertEqual(found(kernel), expected(BASE_X86))

    def test_absolute_addresses_of_x86_64(self):
        data = tables([("A", "per_cpu", 0x40), ("T", "_text", -1)], BASE_X86)
        self.assertEqual(found(bzimage(lzma.compress(data))), [("T", "_text", BASE_X86)])


class Refused(unittest.TestCase):
    def test_with_the_reason(self):
        whole = image()
        tables_at = whole.index(b"0\0001\0002\0")
        for kernel, reason in [
                (b"", "neither an arm64 Image nor a bzImage"),
                (b"x" * 4096, "neither an arm64 Image nor a bzImage"),
                (whole[:4096], "no kallsyms tables"),
                (whole[:-8], "no kallsyms tables"),
                (whole[:tables_at] + b"x" + whole[tables_at + 1:], "no kallsyms tables"),
                (image([]), "no names"),
                (image(marker=1), "no names"),
                (image(base=0), "no base address"),
                (image([("T", "b", 8), ("T", "a", 4)]), "a is not in the order of addresses"),
                (gzip.compress(whole)[:-100], "cannot be unpacked: it ends early"),
                (gzip.compress(b"x" * 100), "neither"),
                (bzimage(b"")[:0x240], "ends in its header"),
                (bzimage(lz4(vmlinux()))[:-1000], "outside of the bzImage"),
                (bzimage(b"BZh91AY"), "compressed in an unknown way"),
                (bzimage(lzma.compress(vmlinux())[:-100]), "cannot be unpacked: it ends early"),
                (bzimage(lz4(vmlinux())[:-100]), "cannot be unpacked: lz4"),
                (bzimage(lzma.compress(b"x" * 5000)), "no kallsyms tables"),
        ]:
            with self.subTest(reason):
                with self.assertRaisesRegex(kallsyms.KernelError, reason):
                    kallsyms.symbols(kernel)

    def test_what_unpacks_to_too_much(self):
        bomb = b"\0" * (2 << 20)
        with mock.patch.object(kallsyms, "UNPACKED_MAX", 1 << 20):
            for kernel in gzip.compress(bomb), bzimage(lzma.compress(bomb)), bzimage(lz4(bomb)):
                with self.assertRaisesRegex(kallsyms.KernelError, "more than 1 MiB"):
                    kallsyms.symbols(kernel)

    def test_many_false_beginnings_are_bounded(self):
        # A count that 600 names do follow, but no markers.
        code = struct.pack("<Q", 600) + b"\1a" * 1000
        self.assertEqual(len(found(image(code=code))), len(TEXT))
        with mock.patch.object(kallsyms, "_TRIED_NAMES_MAX", 100):
            with self.assertRaisesRegex(kallsyms.KernelError, "looks like kallsyms"):
                kallsyms.symbols(image(SYMBOLS[:1], code=code).replace(struct.pack("<Q", 1), b"\0" * 8))

    def test_nothing_else_happens_to_damaged_ones(self):
        whole, chance = bytearray(image(SYMBOLS[:300], before=256, relocated=True)), random.Random(2)
        for _ in range(400):
            kernel = bytearray(whole)
            for _ in range(chance.randrange(1, 4)):
                kernel[chance.randrange(60, len(kernel))] = chance.randrange(256)
            try:
                kallsyms.symbols(bytes(kernel[:chance.choice((len(kernel), chance.randrange(64, len(kernel))))]))
            except kallsyms.KernelError:
                pass


if __name__ == "__main__":
    unittest.main()

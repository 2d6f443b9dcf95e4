# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Symbols of a Linux kernel as it is shipped: its kallsyms tables, found in an Image (arm64) or a bzImage (x86_64).

The layout is that of Linux 6.1 (scripts/kallsyms.c, kernel/kallsyms.c), all parts 8-aligned:

  offsets u32 each | relative_base u64 | num_syms u32 | names | markers u32 for each 256 names | seqs_of_names |
  token_table, 256 strings | token_index, where each of them begins, u16 each

A name is its length (two bytes when bit 7 of the first is set), then codes, each a token; the first
character is the kind. Nothing says where the tables are, so what does not fit all of this is no table. The file
may be hostile: every read is checked, what it unpacks to and what is tried are bounded.
"""

import array
import lzma
import struct
import subprocess
import sys
import tempfile
import zlib

from codegen.symtab.elf import Symbol

TEXT_KINDS = "tTwW"

UNPACKED_MAX = 256 << 20
_XZ_MEMORY_MAX = 512 << 20
_SYMBOLS_MAX = 1 << 20
_TABLES_SIZE_MAX = 32 << 20
_TRIED_NAMES_MAX = 4 << 20
_MARKED = 256

_IMAGE_MAGIC_AT, _IMAGE_MAGIC = 56, b"ARM\x64"
_BZIMAGE_MAGIC_AT, _BZIMAGE_MAGIC = 0x202, b"HdrS"
_SETUP_SECTS_AT, _PAYLOAD_AT = 0x1F1, 0x248
# Tokens of characters that occur in names are themselves, and all digits do.
_DIGITS = b"".join(b"%d\0" % digit for digit in range(10))
_R_AARCH64_RELATIVE = 1027
# Where Linux 6.1 links an Image with 48 bits of virtual address (arch/arm64/include/asm/memory.h).
_KIMAGE_VADDR = 0xFFFF800008000000


class KernelError(Exception):
    """Why there are no symbols to be had."""


def symbols(kernel):
    """The text symbols of a kernel (bytes of its file) with the addresses it was linked at."""
    if kernel[:2] == b"\x1f\x8b":
        kernel = _unpack(kernel)
    if kernel[_IMAGE_MAGIC_AT:_IMAGE_MAGIC_AT + 4] == _IMAGE_MAGIC:
        return _Tables(kernel).symbols(_arm64_address)
    if kernel[_BZIMAGE_MAGIC_AT:_BZIMAGE_MAGIC_AT + 4] == _BZIMAGE_MAGIC:
        return _Tables(_unpack(_bzimage_payload(kernel))).symbols(_x86_64_address)
    raise KernelError("neither an arm64 Image nor a bzImage")


def _bzimage_payload(kernel):
    if len(kernel) < _PAYLOAD_AT + 8:
        raise KernelError("the bzImage ends in its header")
    offset, length = struct.unpack_from("<II", kernel, _PAYLOAD_AT)
    start = ((kernel[_SETUP_SECTS_AT] or 4) + 1) * 512 + offset
    payload = kernel[start:start + length]
    if len(payload) != length or length < 8:
        raise KernelError("the payload lies outside of the bzImage")
    # The last four bytes are the size of what was packed: behind the stream, but in gzip, which ends with it.
    return payload if payload[:2] == b"\x1f\x8b" else payload[:-4]


def _unpack(data):
    for magic, unpack in _FORMATS.items():
        if data.startswith(magic):
            try:
                out = unpack(data)
            except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
                raise KernelError(f"the kernel cannot be unpacked: {error}") from error
            if len(out) > UNPACKED_MAX:
                raise KernelError(f"the kernel unpacks to more than {UNPACKED_MAX >> 20} MiB")
            return out
    raise KernelError(f"compressed in an unknown way (first bytes {data[:4].hex()})")


def _unpack_gzip(data):
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    out = stream.decompress(data, UNPACKED_MAX + 1)
    if not stream.eof and len(out) <= UNPACKED_MAX:
        raise EOFError("it ends early")
    return out


def _unpack_xz(data):
    stream = lzma.LZMADecompressor(memlimit=_XZ_MEMORY_MAX)
    out = stream.decompress(data, UNPACKED_MAX + 1)
    if not stream.eof and len(out) <= UNPACKED_MAX:
        raise EOFError("it ends early")
    return out


def _unpack_by(*command):
    """By a tool that writes to its standard output."""
    def run(data):
        with tempfile.TemporaryFile() as packed:
            packed.write(data)
            packed.seek(0)
            with subprocess.Popen(command, stdin=packed, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tool:
                out = tool.stdout.read(UNPACKED_MAX + 1)
                if len(out) > UNPACKED_MAX:
                    tool.kill()
                    return out
                message = tool.stderr.read(4096).decode("ascii", "replace").strip()
        if tool.returncode != 0:
            raise OSError(f"{command[0]}: {message}")
        return out
    return run


_FORMATS = {
    b"\x1f\x8b": _unpack_gzip,
    b"\xfd7zXZ\0": _unpack_xz,
    b"\x02\x21\x4c\x18": _unpack_by("lz4", "-dc"),
    b"\x28\xb5\x2f\xfd": _unpack_by("zstd", "-dcq"),
}


class _Tables:
    """Where the tables are in an unpacked kernel, and what they say."""

    def __init__(self, data):
        self.data = data
        self.table_at, self.tokens = self._find_tokens()
        self.count_at, self.names = self._find_names()
        self.base_at = self.count_at - 8
        self.offsets_at = self.base_at - _aligned(4 * len(self.names))
        if self.offsets_at < 0:
            raise KernelError("kallsyms begins before the file does")

    def _find_tokens(self):
        digits_at = self.data.find(_DIGITS)
        while digits_at >= 0:
            found = self._tokens_around(digits_at)
            if found:
                return found
            digits_at = self.data.find(_DIGITS, digits_at + 1)
        raise KernelError("no kallsyms tables of Linux 6.1 in this kernel")

    def _tokens_around(self, digits_at):
        end = digits_at
        for _ in range(256 - ord("0")):
            end = self.data.find(b"\0", end, end + 128) + 1
            if end == 0:
                return None
        index = self.data[_aligned(end):_aligned(end) + 512]
        if len(index) != 512:
            return None
        starts = struct.unpack("<256H", index)
        table_at = digits_at - starts[ord("0")]
        tokens = self.data[table_at:end].split(b"\0")[:-1] if table_at >= 0 else []
        at = 0
        for start, token in zip(starts, tokens):
            if start != at:
                return None
            at += len(token) + 1
        return (table_at, tokens) if len(tokens) == 256 else None

    def _find_names(self):
        """num_syms is a number that as many names and their markers follow; from the tokens backwards."""
        top = self.table_at & ~7
        bottom = max(8, top - _TABLES_SIZE_MAX)
        words = array.array("Q", self.data[bottom:top])
        if sys.byteorder == "big":
            words.byteswap()
        self.tries = 0
        for i in range(len(words) - 1, -1, -1):
            if 0 < words[i] <= _SYMBOLS_MAX:
                names = self._names_at(bottom + 8 * i + 8, words[i])
                if names:
                    return bottom + 8 * i, names
        raise KernelError("kallsyms has tokens, but no names of Linux 6.1")

    def _names_at(self, at, count):
        """The codes of each name; None when this is something else."""
        data, start, names, markers = self.data, at, [], []
        for i in range(count):
            if i % _MARKED == 0:
                markers.append(at - start)
            length = data[at]
            if length & 0x80:
                at += 1
                length = length & 0x7F | data[at] << 7
            at += 1
            if not length or at + length > self.table_at:
                return self._tried(i)
            names.append(data[at:at + length])
            at += length
        self._tried(count)
        at = _aligned(at)
        if at + 4 * len(markers) > self.table_at:
            return None
        return names if list(struct.unpack_from(f"<{len(markers)}I", data, at)) == markers else None

    def _tried(self, count):
        self.tries += count
        if self.tries > _TRIED_NAMES_MAX:
            raise KernelError("too much in this kernel looks like kallsyms")

    def symbols(self, address_of):
        offsets = struct.unpack_from(f"<{len(self.names)}i", self.data, self.offsets_at)
        base, found, before = None, [], 0
        for codes, offset in zip(self.names, offsets):
            text = b"".join([self.tokens[code] for code in codes]).decode("ascii", "replace")
            if base is None:
                base = self._base()
            address = address_of(base, offset)
            if address < before:
                raise KernelError(f"kallsyms: {text[1:]} is not in the order of addresses")
            before = address
            if text[:1] in TEXT_KINDS and text[1:]:
                found.append(Symbol(text[1:], address, text[0]))
        return found

    def _base(self):
        """relative_base; where the file has 0 a relocation puts it there when the kernel starts (arm64)."""
        value, = struct.unpack_from("<Q", self.data, self.base_at)
        if value:
            return value
        relocation = struct.pack("<QQ", _KIMAGE_VADDR + self.base_at, _R_AARCH64_RELATIVE)
        at = self.data.find(relocation)
        if 0 <= at <= len(self.data) - 24:
            return struct.unpack_from("<Q", self.data, at + 16)[0]
        raise KernelError("kallsyms has no base address, and no relocation gives one")


def _aligned(at):
    return at + 7 & ~7


def _arm64_address(base, offset):
    return base + (offset & 0xFFFFFFFF)


def _x86_64_address(base, offset):
    """CONFIG_KALLSYMS_ABSOLUTE_PERCPU: what is not negative is absolute."""
    return offset if offset >= 0 else base - 1 - offset

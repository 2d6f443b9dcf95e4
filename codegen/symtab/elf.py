# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Symbols of a linked little-endian ELF64 file, and bytes at an address of it."""

import collections
import struct

Symbol = collections.namedtuple("Symbol", "name address kind")  # kind: the letter of nm
Section = collections.namedtuple("Section", "type flags address offset size link entsize")

_SHT_SYMTAB, _SHT_NOBITS = 2, 8
_SHF_WRITE, _SHF_ALLOC, _SHF_EXEC = 1, 2, 4
_STB_LOCAL = 0
_STT_NOTYPE, _STT_OBJECT, _STT_FUNC = 0, 1, 2


class ElfError(Exception):
    """The file is not what it should be."""


class Elf:
    """An ELF file in memory."""

    def __init__(self, data):
        if data[:6] != b"\x7fELF\x02\x01":
            raise ElfError("not a little-endian ELF64 file")
        self.data = data
        (offset,) = struct.unpack_from("<Q", data, 0x28)
        entsize, count = struct.unpack_from("<HH", data, 0x3A)
        self.sections = [self._section(offset + i * entsize) for i in range(count)]

    def _section(self, at):
        _, kind, flags, address, offset, size, link, _, _, entsize = struct.unpack_from("<IIQQQQIIQQ", self.data, at)
        return Section(kind, flags, address, offset, size, link, entsize)

    def _name(self, strings, at):
        start = strings.offset + at
        return self.data[start : self.data.index(b"\0", start)].decode("utf-8", "replace")

    def _raw_symbols(self):
        for table in self.sections:
            if table.type != _SHT_SYMTAB:
                continue
            for at in range(table.offset, table.offset + table.size, table.entsize):
                name, info, _, index, value, _ = struct.unpack_from("<IBBHQQ", self.data, at)
                if 0 < index < len(self.sections):
                    text = self._name(self.sections[table.link], name)
                    yield text, info & 15, info >> 4, self.sections[index], value

    def symbols(self):
        """Functions, objects, and what assembly did not type; not section ends and mapping symbols."""
        typed, untyped = [], []
        for name, kind, binding, section, value in self._raw_symbols():
            if not section.flags & _SHF_ALLOC or not name or name[0] in "$.":
                continue
            letter = _letter(section, binding == _STB_LOCAL)
            if kind in (_STT_FUNC, _STT_OBJECT):
                typed.append(Symbol(name, value, letter))
            elif kind == _STT_NOTYPE and value < section.address + section.size:
                untyped.append(Symbol(name, value, letter))
        taken = {s.address for s in typed}
        return typed + [s for s in untyped if s.address not in taken]

    def find(self, name):
        """Address of the symbol called name; None when there is none."""
        for text, _, _, _, value in self._raw_symbols():
            if text == name:
                return value
        return None

    def bytes_at(self, address, size):
        """The bytes that the file puts there."""
        for s in self.sections:
            if s.flags & _SHF_ALLOC and s.type != _SHT_NOBITS and s.address <= address and address + size <= s.address + s.size:
                start = s.offset + address - s.address
                return self.data[start : start + size]
        raise ElfError("no section has 0x%x" % address)


def _letter(section, local):
    if section.flags & _SHF_EXEC:
        letter = "t"
    elif section.type == _SHT_NOBITS:
        letter = "b"
    elif section.flags & _SHF_WRITE:
        letter = "d"
    else:
        letter = "r"
    return letter if local else letter.upper()


def parse_nm(text):
    """Symbols of lines "address kind name", as nm and System.map have them."""
    symbols = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) == 3:
            symbols.append(Symbol(fields[2], int(fields[0], 16), fields[1]))
    return symbols

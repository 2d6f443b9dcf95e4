# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Sizes of what an ELF64 file puts into memory."""

import struct

SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR = 1, 2, 4
SHT_NOBITS = 8
SECTION = struct.Struct("<IIQQQQIIQQ")
SYMBOL = struct.Struct("<IBBHQQ")
SHT_SYMTAB = 2


def _sections(data):
    at, = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    return [SECTION.unpack_from(data, at + i * size) for i in range(count)]


def sizes(data):
    """text (with constants), data, bss."""
    text = initialized = zeroed = 0
    for _, kind, flags, _, _, size, *_ in _sections(data):
        if not flags & SHF_ALLOC:
            continue
        if kind == SHT_NOBITS:
            zeroed += size
        elif flags & SHF_WRITE:
            initialized += size
        else:
            text += size
    return text, initialized, zeroed


def symbols(data):
    """Names of all symbols."""
    sections = _sections(data)
    names = set()
    for _, kind, _, _, offset, size, link, *_ in sections:
        if kind != SHT_SYMTAB:
            continue
        strings = sections[link][4]
        for at in range(offset, offset + size, SYMBOL.size):
            begin = strings + SYMBOL.unpack_from(data, at)[0]
            names.add(data[begin:data.index(b"\0", begin)].decode())
    return names

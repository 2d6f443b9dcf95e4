# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Symbols of a linked ELF file as the blob that runtime/sym reads.

symtab.py blob ELF START END OUT.S   the symbols in [START, END), two symbols, as section .axb_symbols
symtab.py check ELF START END OUT    fails unless ELF has just these in .axb_symbols, else copies it
"""

import shutil
import struct
import sys

SECTION = ".axb_symbols"
NAME_MAX = 127
MAGIC = b"AXBSYMS1"  # runtime/sym/sym.c describes what follows

# ELF-64 (System V ABI, chapters 4 and 5).
SHT_SYMTAB, SHT_NOBITS = 2, 8
SHF_WRITE, SHF_EXECINSTR = 1, 4
SHN_UNDEF, SHN_LORESERVE = 0, 0xFF00
STB_LOCAL, STB_WEAK = 0, 2
STT_NOTYPE, STT_OBJECT, STT_FUNC = 0, 1, 2


class SymtabError(Exception):
    pass


class Elf:
    """Sections and symbols of a little-endian ELF-64 file."""

    def __init__(self, data):
        if data[:6] != b"\x7fELF\x02\x01":
            raise SymtabError("not a little-endian ELF-64 file")
        self.data = data
        offset, entry_size, count, names = struct.unpack_from("<Q10xHHH", data, 0x28)
        layout = struct.Struct("<IIQQQQIIQQ")
        self.sections = [layout.unpack_from(data, offset + i * entry_size) for i in range(count)]
        self.names = [self._string(names, section[0]) for section in self.sections]

    def _string(self, section, at):
        start = self.sections[section][4] + at
        return self.data[start : self.data.index(b"\0", start)].decode("ascii")

    def section(self, name):
        """Bytes of a section, None when there is none."""
        if name not in self.names:
            return None
        _, _, _, _, offset, size, *_ = self.sections[self.names.index(name)]
        return self.data[offset : offset + size]

    def symbols(self):
        """(name, address, letter as nm prints it, has a type) of all that are defined in a section."""
        for _, kind, _, _, offset, size, link, _, _, entry_size in self.sections:
            if kind != SHT_SYMTAB:
                continue
            for at in range(offset + entry_size, offset + size, entry_size):
                name, info, _, index, value, _ = struct.unpack_from("<IBBHQQ", self.data, at)
                if index == SHN_UNDEF or index >= SHN_LORESERVE or info & 15 > STT_FUNC:
                    continue
                yield self._string(link, name), value, self._letter(info, index), info & 15 != STT_NOTYPE

    def _letter(self, info, index):
        _, kind, flags, *_ = self.sections[index]
        if info >> 4 == STB_WEAK:
            return "V" if info & 15 == STT_OBJECT else "W"
        letter = "r"
        if flags & SHF_EXECINSTR:
            letter = "t"
        elif flags & SHF_WRITE:
            letter = "b" if kind == SHT_NOBITS else "d"
        return letter if info >> 4 == STB_LOCAL else letter.upper()


def select(elf, start_name, end_name):
    """[(offset from start, letter, name)] of the symbols in the range, by address."""
    symbols = list(elf.symbols())
    address = {name: value for name, value, _, _ in symbols}
    for name in (start_name, end_name):
        if name not in address:
            raise SymtabError(f"the file has no symbol {name}")
    start, end = address[start_name], address[end_name]
    found = []
    for name, value, letter, typed in symbols:
        # Mapping symbols ($x, $d) and the assembler's labels say nothing to people.
        if not start <= value < end or name.startswith(("$", ".L")) or not name:
            continue
        if len(name) > NAME_MAX:
            raise SymtabError(f"the name is longer than {NAME_MAX}: {name}")
        # Of several at one address functions and objects come before labels.
        found.append((value - start, not typed, name, letter))
    return [(offset, letter, name) for offset, _, name, letter in sorted(found)]


def encode(symbols):
    names, name_at = b"", []
    for _, _, name in symbols:
        name_at.append(len(names))
        names += name.encode("ascii") + b"\0"
    count = len(symbols)
    by_name = sorted(range(count), key=lambda i: (symbols[i][2].encode("ascii"), i))
    words = [offset for offset, _, _ in symbols] + name_at + by_name
    return (MAGIC + struct.pack(f"<II{len(words)}I", count, len(names), *words) +
            "".join(letter for _, letter, _ in symbols).encode("ascii") + names)


def assembly(blob):
    lines = [f'\t.section {SECTION}, "a"', "\t.balign 8"]
    for at in range(0, len(blob), 16):
        lines.append("\t.byte " + ",".join(str(byte) for byte in blob[at : at + 16]))
    return "\n".join(lines) + "\n"


def main(command, path, start, end, out):
    with open(path, "rb") as file:
        elf = Elf(file.read())
    blob = encode(select(elf, start, end))
    if command == "blob":
        with open(out, "w", encoding="ascii") as file:
            file.write(assembly(blob))
    elif elf.section(SECTION) != blob:
        raise SymtabError(f"addresses moved in the second link: {SECTION} must be behind {end}")
    else:
        shutil.copyfile(path, out)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except SymtabError as error:
        sys.exit(f"symtab: {sys.argv[2]}: {error}")

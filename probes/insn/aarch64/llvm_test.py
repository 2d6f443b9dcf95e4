# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Our kind of a word against LLVM's disassembler: random words of every group, and the text of ELF files.

llvm_test.py KINDS [ELF...]. Not compared, but counted: SIMD, SVE and SME, whose words we do not tell apart.
"""

import collections
import random
import re
import struct
import subprocess
import sys
import tempfile

RANDOM_WORDS = 150000
LINE = re.compile(r"\s*([0-9a-f]+): ([0-9a-f]{8})\s+(.*)")
UNTOLD = ("simd", "sve", "sme", "movprfx")

BY_NAME = {
    "wait": "wfe wfi wfet wfit",
    "bti": "bti",
    "pac": "paciasp pacibsp paciaz pacibz autiasp autibsp autiaz autibz pacia1716 pacib1716 autia1716 autib1716 xpaclri",
    "adr": "adr",
    "adrp": "adrp",
    "b": "b",
    "bl": "bl",
    "cbz": "cbz cbnz",
    "tbz": "tbz tbnz",
    "br": "br",
    "blr": "blr",
    "ret": "ret",
    "branch-auth": "braa brab braaz brabz blraa blrab blraaz blrabz retaa retab",
    "pac-pc": "autiasppc autibsppc retaasppc retabsppc retaasppcr retabsppcr pacm",
    "clrex": "clrex",
    "exception": "svc hvc smc brk hlt dcps1 dcps2 dcps3",
    "eret": "eret eretaa eretab drps",
    "mrs": "mrs mrrs",
    "msr": "msr msrr cfinv xaflag axflag smstart smstop",
    "sys": ("sys sysl sysp ic dc at tlbi tlbip cfp dvp cpp cosp gcspushm gcspopm gcsss1 gcsss2 gcspushx gcspopcx "
            "gcspopx brb trcit"),
    "barrier": "dsb dmb isb sb ssbb pssbb dfb",
    "transaction": "tstart tcommit ttest tcancel",
    "nop": "nop yield sev sevl csdb hint esb psb tsb dgh gcsb clrbhb chkfeat",
    "unallocated": "udf",
}
KIND_OF = {name: kind for kind, names in BY_NAME.items() for name in names.split()}


def expected(text):
    """The kind that LLVM's text of an instruction says."""
    name, _, operands = text.partition(" ")
    if "<unknown>" in text:
        return "unallocated"
    if name.startswith(("b.", "bc.")):
        return "b.cond"
    if re.match(r"lda?x[rp]", name):
        return "exclusive-load"
    if re.match(r"stl?x[rp]", name):
        return "exclusive-store"
    if re.match(r"(cpy|set[gpme])", name):
        return "mops"
    if name in ("ldr", "ldrsw", "prfm") and "[" not in operands:
        kinds = {"w": "ldr-literal", "x": "ldr-literal"}
        return "prfm-literal" if name == "prfm" else kinds.get(operands[0], "ldr-literal-simd")
    return KIND_OF.get(name, "other")


def is_explained(text, ours):
    """Words that LLVM takes although the architecture does not allocate them."""
    # System registers of op0 0 and 1, and pairs of them, which are no registers.
    if re.search(r"\bS[01]_\d_C\d+_C\d+_\d", text):
        return True
    # Copy and set of the zero register.
    return ours == "unallocated" and re.match(r"(cpy|set)", text) and "xzr" in text


def random_words(count):
    source = random.Random(1)
    for _ in range(count):
        word = source.getrandbits(32)
        style = source.randrange(5)
        if style == 1:  # no SIMD, no SVE
            word = word & ~(15 << 25) | source.choice((4, 5, 6, 8, 9, 10, 11, 12, 13, 14)) << 25
        elif style == 2:  # system
            word = 0xd5000000 | word & 0x7fffff | source.choice((0, 0x1f))
            if source.random() < 0.5:
                word = word & 0xff00ffff | 0x030000
        elif style == 3:  # branches by register
            word = 0xd6000000 | word & 0xffffff | source.choice((0, 0x1f0000))
        elif style == 4:  # loads and stores whose rare forms are told by fields that are zero
            word = source.choice((0x19, 0x59, 0x99, 0xd9)) << 24 | word & source.choice((0xffffff, 0xe0fc1f, 0xe003ff))
        yield word


def disassemble(path, *options):
    """(address, word, text) for each word."""
    out = subprocess.run(["llvm-objdump-19", "--mattr=+all", *options, path],
                         check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in out.splitlines():
        match = LINE.match(line)
        if match:
            yield int(match[1], 16), match[2], match[3].replace("\t", " ")


def disassemble_words(words):
    with tempfile.TemporaryDirectory() as directory:
        raw, elf = directory + "/words", directory + "/words.o"
        with open(raw, "wb") as file:
            file.write(b"".join(struct.pack("<I", word) for word in words))
        subprocess.run(["llvm-objcopy-19", "-I", "binary", "-O", "elf64-littleaarch64", raw, elf], check=True)
        return list(disassemble(elf, "-D", "-j", ".data"))


def target(address, kind, offset):
    base = address & ~0xfff if kind == "adrp" else address
    return base + offset & (1 << 64) - 1


def compare(kinds, lines, has_addresses):
    """Number of words compared; prints differences."""
    ours = subprocess.run([kinds], input="\n".join(word for _, word, _ in lines) + "\n", check=True,
                          stdout=subprocess.PIPE, text=True).stdout.split("\n")
    counts = collections.Counter()
    for (address, word, text), answer in zip(lines, ours):
        kind, offset = answer.split()
        if kind in UNTOLD:
            counts["not told apart"] += 1
        elif kind != expected(text) and not is_explained(text, kind):
            counts["different"] += 1
            print(f"{word} {text}: {expected(text)} expected, is {kind}")
        else:
            counts["compared"] += 1
            hexes = re.findall(r"0x[0-9a-f]+", text.split("<")[0])
            if has_addresses and int(offset) != 0 and hexes and target(address, kind, int(offset)) != int(hexes[-1], 16):
                counts["different"] += 1
                print(f"{address:x}: {word} {text}: offset {offset}")
    return counts


def main(kinds, elfs):
    total = compare(kinds, disassemble_words(random_words(RANDOM_WORDS)), has_addresses=False)
    for elf in elfs:
        total += compare(kinds, list(disassemble(elf, "-d")), has_addresses=True)
    print(dict(total))
    return 0 if total["different"] == 0 and total["compared"] > RANDOM_WORDS / 2 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

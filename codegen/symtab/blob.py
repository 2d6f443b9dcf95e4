# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The symbol blob: symbols -> bytes. runtime/sym/sym.c reads it and states what must hold.

Little endian. A header of 64 bytes, then
  addresses  u32 each, less the base, in the order of (name, address): the place there is the rank
  order      ranks in the order of (address, rank); u16 each, or u32 when there are more than 65535
  blocks     u32 for each 16 names: where its first record begins in names
  names      records in the order of ranks: u8 kind, u8 characters shared with the name before (0 at
             the beginning of a block), u8 count of codes, the codes; when bit 7 of the kind is set,
             the two numbers are the halves of one byte, shared the upper one
  tokens     u16 for each token and one more: where its text begins, then ends; the texts
A code below 0x80 is a character, code 0x80 + i is token i.
"""

import collections
import struct

MAGIC = 0x4D595358
VERSION = 1
HEADER_SIZE = 64
BLOCK = 16
NAME_MAX = 127
_TOKEN_MAX = 128


class BlobError(Exception):
    """These symbols do not fit the format."""


def encode(symbols, image_address=0):
    """The blob of symbols (name, address, kind). image_address: where the blob itself will lie; 0 = no matter."""
    entries = sorted({(_clean(s.name), s.address): s.kind for s in symbols}.items())
    names = [name for (name, _), _ in entries]
    addresses = [address for (_, address), _ in entries]
    kinds = [kind for _, kind in entries]
    base = min(addresses, default=0)
    if addresses and max(addresses) - base > 0xFFFFFFFF:
        raise BlobError("the symbols are more than 4 GiB apart")
    order = sorted(range(len(entries)), key=lambda rank: (addresses[rank], rank))
    width = 2 if len(entries) <= 0xFFFF else 4
    suffixes, shared = _share_prefixes(names)
    codes, tokens = _compress(suffixes)
    blocks, records = _records(kinds, shared, codes)
    offsets = [0]
    for token in tokens:
        offsets.append(offsets[-1] + len(token))
    parts = [
        struct.pack("<%dI" % len(addresses), *[a - base for a in addresses]),
        struct.pack("<%d%s" % (len(order), "H" if width == 2 else "I"), *order),
        struct.pack("<%dI" % len(blocks), *blocks),
        records,
        struct.pack("<%dH" % len(offsets), *offsets) + "".join(tokens).encode("ascii"),
    ]
    starts, body = _join(parts)
    header = struct.pack(
        "<IHHQQIIIIIIIIII",
        MAGIC, VERSION, width, base, image_address, len(entries), HEADER_SIZE + len(body),
        *starts, len(records), len(tokens), offsets[-1]
    )
    assert len(header) == HEADER_SIZE
    return header + body


def _clean(name):
    """Printable ASCII, at most NAME_MAX characters."""
    return "".join(c if "!" <= c <= "~" else "?" for c in name)[:NAME_MAX]


def _join(parts):
    starts, body = [], b""
    for part in parts:
        body += b"\0" * (-len(body) % 4)
        starts.append(HEADER_SIZE + len(body))
        body += part
    return starts, body


def _share_prefixes(names):
    suffixes, shared = [], []
    for rank, name in enumerate(names):
        count = 0
        if rank % BLOCK != 0:
            before = names[rank - 1]
            while count < min(len(name), len(before)) and name[count] == before[count]:
                count += 1
        shared.append(count)
        suffixes.append(name[count:])
    return suffixes, shared


def _compress(suffixes):
    """Codes of each suffix, and the texts of the tokens: the pair that occurs most becomes a token, and again."""
    words = collections.Counter(suffixes)
    coded = {word: [ord(c) for c in word] for word in words}
    texts = {code: chr(code) for code in range(0x80)}
    pairs, having = collections.Counter(), collections.defaultdict(set)
    for word, count in words.items():
        _count_pairs(coded[word], count, pairs)
        for pair in zip(coded[word], coded[word][1:]):
            having[pair].add(word)
    tokens = []
    while len(tokens) < _TOKEN_MAX:
        pair, count = max(pairs.items(), key=lambda item: (item[1], item[0]), default=(None, 0))
        text = texts[pair[0]] + texts[pair[1]] if pair else ""
        if count <= len(text) + 2:  # what the token itself costs
            break
        code = 0x80 + len(tokens)
        tokens.append(text)
        texts[code] = text
        # Only words that had the pair change. Some of them may have lost it since.
        for word in having.pop(pair):
            old, new = coded[word], _replace(coded[word], pair, code)
            _count_pairs(old, -words[word], pairs)
            _count_pairs(new, words[word], pairs)
            for other in zip(new, new[1:]):
                if code in other:
                    having[other].add(word)
            coded[word] = new
        del pairs[pair]
    return [coded[word] for word in suffixes], tokens


def _count_pairs(codes, count, pairs):
    for pair in zip(codes, codes[1:]):
        pairs[pair] += count


def _replace(codes, pair, code):
    result, i = [], 0
    while i < len(codes):
        if i + 1 < len(codes) and (codes[i], codes[i + 1]) == pair:
            result.append(code)
            i += 2
        else:
            result.append(codes[i])
            i += 1
    return result


def _records(kinds, shared, codes):
    blocks, records = [], bytearray()
    for rank, kind in enumerate(kinds):
        if rank % BLOCK == 0:
            blocks.append(len(records))
        records += _head(ord(kind), shared[rank], len(codes[rank])) + bytes(codes[rank])
    return blocks, bytes(records)


def _head(kind, shared, count):
    if shared < 16 and count < 16:
        return bytes([kind | 0x80, shared << 4 | count])
    return bytes([kind, shared, count])

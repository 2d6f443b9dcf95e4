# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Writes flattened device trees (Devicetree Specification 0.4, chapter 5).

A node is {name: property or node}; a property is bytes, a string, a list of strings, a list of 32-bit
cells, or True for one without a value. Phandles are cells like others.
"""

import struct

MAGIC = 0xD00DFEED
VERSION, COMPATIBLE_VERSION = 17, 16
BEGIN_NODE, END_NODE, PROP, END = 1, 2, 3, 9
HEADER_SIZE, RESERVE_MAP_SIZE = 40, 16


def cells64(*values):
    """64-bit values as pairs of cells."""
    return [part for value in values for part in (value >> 32, value & 0xFFFFFFFF)]


def _value(prop):
    if prop is True:
        return b""
    if isinstance(prop, bytes):
        return prop
    if isinstance(prop, str):
        return prop.encode("ascii") + b"\0"
    if prop and isinstance(prop[0], str):
        return b"".join(_value(text) for text in prop)
    return struct.pack(f">{len(prop)}I", *prop)


def _padded(data):
    return data + b"\0" * (-len(data) % 4)


class _Strings:
    def __init__(self):
        self.data, self.offsets = b"", {}

    def offset(self, text):
        if text not in self.offsets:
            self.offsets[text] = len(self.data)
            self.data += text.encode("ascii") + b"\0"
        return self.offsets[text]


def _node(name, node, strings):
    out = struct.pack(">I", BEGIN_NODE) + _padded(name.encode("ascii") + b"\0")
    children = []
    for key, value in node.items():
        if isinstance(value, dict):
            children.append((key, value))
            continue
        data = _value(value)
        out += struct.pack(">III", PROP, len(data), strings.offset(key)) + _padded(data)
    for key, value in children:
        out += _node(key, value, strings)
    return out + struct.pack(">I", END_NODE)


def write(root):
    """The blob of a tree."""
    strings = _Strings()
    structure = _node("", root, strings) + struct.pack(">I", END)
    structure_at = HEADER_SIZE + RESERVE_MAP_SIZE
    strings_at = structure_at + len(structure)
    header = struct.pack(">10I", MAGIC, strings_at + len(strings.data), structure_at, strings_at, HEADER_SIZE, VERSION,
                         COMPATIBLE_VERSION, 0, len(strings.data), len(structure))
    return header + bytes(RESERVE_MAP_SIZE) + structure + strings.data

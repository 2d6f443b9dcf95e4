# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Computes offsets, sizes and argument slots: the only place that does."""

import dataclasses

#: type of the spec -> bytes, signed
INTEGERS = {f"{sign}{bits}": (bits // 8, sign == "s") for sign in "us" for bits in (8, 16, 32, 64)}

STRING = "string"
SLOT_COUNT = 4
SLOT_SIZE = 8
SLOT_NONE = 0xFF


@dataclasses.dataclass(frozen=True)
class Placed:
    """Where a field lies."""

    name: str
    offset: int
    size: int


class Misfit(Exception):
    """A field cannot lie where it would have to."""

    def __init__(self, field, what, todo):
        super().__init__(what)
        self.field = field
        self.what = what
        self.todo = todo


def packed(fields):
    """Place fields [(name, type, count)] without holes. Returns ([Placed], size). Raises Misfit."""
    placed = []
    offset = 0
    align = 1
    for name, kind, count in fields:
        size = INTEGERS[kind][0]
        if offset % size:
            gap = size - offset % size
            raise Misfit(
                name, f"{kind} at offset {offset} is misaligned", f"put a reserved field of {gap} bytes before it"
            )
        placed.append(Placed(name, offset, size * count))
        offset += size * count
        align = max(align, size)
    if offset % align:
        raise Misfit(
            placed[-1].name,
            f"the size {offset} is not a multiple of the alignment {align}",
            f"append a reserved field of {align - offset % align} bytes",
        )
    return placed, offset


def natural(fields, start):
    """Place fields [(name, bytes, alignment)] from start on, each aligned; the size is a multiple of 8.

    Returns ([Placed], size); holes become fields named reserved_<offset>.
    """
    placed = []
    offset = start

    def fill(align):
        gap = -offset % align
        if gap:
            placed.append(Placed(f"reserved_{offset}", offset, gap))
        return offset + gap

    for name, size, align in fields:
        offset = fill(align)
        placed.append(Placed(name, offset, size))
        offset += size
    return placed, fill(8)


def slots(fields):
    """Argument slots of fields [(name, type)]: {name: (first slot, number)}. Raises Misfit."""
    result = {}
    used = 0
    for name, kind in fields:
        if used == SLOT_COUNT:
            raise Misfit(
                name,
                f"an event has {SLOT_COUNT} argument slots and they are taken",
                "drop a field, or pack it in another, or send it through a ring-buffer map",
            )
        count = SLOT_COUNT - used if kind == STRING else 1
        result[name] = (used, count)
        used += count
    return result

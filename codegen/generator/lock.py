# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""ids.lock: what was ever given out. Append-only lines "kind name id count hash".

id is "-" for kinds without ids. count and hash are of the fields, arguments or values at the time;
a later line for the same item replaces an earlier one, and holds at least as many.
"""

import dataclasses
import hashlib
import os

from codegen.generator.load import SpecError, SpecErrors

UPDATE = "bazel run //codegen:update"
HEAD = """\
# Append-only; written by `bazel run //codegen:update`. kind name id count hash
"""


@dataclasses.dataclass(frozen=True)
class Item:
    """Something whose layout is locked: lines[i] says all that matters of its i-th element."""

    kind: str
    name: str
    id: str
    lines: tuple
    path: tuple

    def hash(self, count):
        text = "\n".join((self.kind, self.name) + self.lines[:count])
        return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]

    def entry(self):
        return f"{self.kind} {self.name} {self.id} {len(self.lines)} {self.hash(len(self.lines))}"


@dataclasses.dataclass(frozen=True)
class Entry:
    kind: str
    name: str
    id: str
    count: int
    hash: str
    line: int


def _field(f):
    enum = f.enum.name if f.enum else "-"
    return f"{f.name} {f.type} {f.count} {f.offset} {f.size} {enum}"


def items(model):
    """Every locked item of the model, in a fixed order."""
    result = []
    for e in model.enums:
        lines = tuple(f"{v.name} {v.value}" for v in e.values)
        result.append(Item("enum", e.name, "-", lines, ("enums", e.name)))
    for c in model.constants:
        result.append(Item("constant", c.name, "-", (str(c.value),), ("constants", c.name)))
    for s in model.structs:
        result.append(Item("struct", s.name, "-", tuple(map(_field, s.fields)), ("structs", s.name)))
    for m in model.map_types:
        result.append(Item("map_type", m.name, str(m.id), (), ("map_types", m.name)))
    for h in model.helpers:
        lines = (f"ret {h.ret.name}",) + tuple(f"arg {a.type.name}" for a in h.args)
        result.append(Item("helper", h.name, str(h.id), lines, ("helpers", h.name)))
    for t in model.tracepoints:
        lines = tuple(f"{_field(f)} {f.slot} {f.slot_count} {f.role or '-'}" for f in t.params)
        result.append(Item("tracepoint", t.name, str(t.id), lines, ("tracepoints", t.name)))
    return result


def read(file):
    """The entries of a lock file; none when there is no such file. Raises SpecErrors."""
    if not os.path.exists(file):
        return []
    entries = []
    with open(file, encoding="ascii") as stream:
        for number, text in enumerate(stream, 1):
            words = text.split()
            if not words or words[0].startswith("#"):
                continue
            if len(words) != 5 or not words[3].isdigit():
                raise SpecErrors([SpecError(file, number, "ids.lock", "not a line of a lock", "restore the file; only the update command writes it")])
            entries.append(Entry(words[0], words[1], words[2], int(words[3]), words[4], number))
    return entries


#: Kinds whose items may get more elements.
_GROWING = ("enum", "struct", "tracepoint")


def _check_item(document, file, item, by_name, by_id):
    other = by_id.get((item.kind, item.id))
    if item.id != "-" and other and other.name != item.name:
        return document.error(item.path + ("id",), f"{item.id} was given to {other.name} ({file}:{other.line})", "ids are never reused; take another")
    entry = by_name.get((item.kind, item.name))
    if entry is None:
        return None
    if entry.id != item.id:
        return document.error(item.path + ("id",), f"{item.id} differs from the locked id {entry.id} ({file}:{entry.line})", "ids never change; restore it")
    if len(item.lines) < entry.count:
        return document.error(item.path, f"the locked layout has {entry.count} elements, this one {len(item.lines)} ({file}:{entry.line})", "restore it; elements are only appended")
    grown = len(item.lines) > entry.count and item.kind not in _GROWING
    if grown or item.hash(entry.count) != entry.hash:
        return document.error(item.path, f"its layout differs from the locked one ({file}:{entry.line})", "restore it and append, or make a new one under a new name and id")
    return None


def check(document, model, entries, complete=True):
    """Compare the model with the lock; returns the items that the lock lacks. Raises SpecErrors.

    With complete, lacking items are errors too.
    """
    # In order, so that the last entry of a name wins; the first owner of an id keeps it.
    by_name = {(e.kind, e.name): e for e in entries}
    by_id = {}
    for e in entries:
        by_id.setdefault((e.kind, e.id), e)
    file = document.lock
    errors, new = [], []
    for item in items(model):
        error = _check_item(document, file, item, by_name, by_id)
        entry = by_name.get((item.kind, item.name))
        if error:
            errors.append(error)
        elif entry is None or entry.count < len(item.lines):
            new.append(item)
    if complete:
        errors += [document.error(i.path, f"{i.kind} {i.name} is not in {file} as it is here", f"run: {UPDATE}") for i in new]
    if errors:
        raise SpecErrors(errors)
    return new

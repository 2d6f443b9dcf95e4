# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""ids.lock: what was ever given out. Append-only lines "kind name id hashes".

id is "-" for kinds without ids. hashes has one for each field, argument or value in order, joined
by commas, or is "-". A later line for the same item replaces an earlier one, and has at least as
many.
"""

import dataclasses
import hashlib
import os

from codegen.generator.load import SpecError, SpecErrors

UPDATE = "bazel run //codegen:update"
HEAD = """\
# Append-only; written by `bazel run //codegen:update`. kind name id hashes-of-its-elements
"""


@dataclasses.dataclass(frozen=True)
class Item:
    """Something whose layout is locked: elements are (path below it, text of all that matters)."""

    kind: str
    name: str
    id: str
    path: tuple
    elements: tuple

    @property
    def hashes(self):
        texts = (f"{self.kind} {self.name} {text}" for _, text in self.elements)
        return tuple(hashlib.sha256(text.encode("ascii")).hexdigest()[:8] for text in texts)

    def entry(self):
        return f"{self.kind} {self.name} {self.id} {','.join(self.hashes) or '-'}"


@dataclasses.dataclass(frozen=True)
class Entry:
    kind: str
    name: str
    id: str
    hashes: tuple
    place: str  # file:line


def _field(f):
    enum = f.enum.name if f.enum else "-"
    return f"{f.name} {f.type} {f.count} {f.offset} {f.size} {enum}"


def _fields(fields, text):
    return tuple((("fields", f.name), text(f)) for f in fields)


def _tp_field(f):
    return f"{_field(f)} {f.slot} {f.slot_count} {f.role or '-'}"


def items(model):
    """Every locked item of the model, in a fixed order."""
    result = []
    for e in model.enums:
        values = tuple((("values", v.name), f"{v.name} {v.value}") for v in e.values)
        result.append(Item("enum", e.name, "-", ("enums", e.name), values))
    for c in model.constants:
        result.append(Item("constant", c.name, "-", ("constants", c.name), ((("value",), str(c.value)),)))
    for s in model.structs:
        result.append(Item("struct", s.name, "-", ("structs", s.name), _fields(s.fields, _field)))
    for m in model.map_types:
        result.append(Item("map_type", m.name, str(m.id), ("map_types", m.name), ()))
    for h in model.helpers:
        parts = ((("ret",), f"ret {h.ret.name}"),) + tuple((("args", a.name), f"arg {a.type.name}") for a in h.args)
        result.append(Item("helper", h.name, str(h.id), ("helpers", h.name), parts))
    for t in model.tracepoints:
        result.append(Item("tracepoint", t.name, str(t.id), ("tracepoints", t.name), _fields(t.params, _tp_field)))
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
            if len(words) != 4:
                todo = "restore the file; only the update command writes it"
                raise SpecErrors([SpecError(file, number, "ids.lock", "not a line of a lock", todo)])
            hashes = () if words[3] == "-" else tuple(words[3].split(","))
            entries.append(Entry(words[0], words[1], words[2], hashes, f"{file}:{number}"))
    return entries


#: Kinds whose items may get more elements.
_GROWING = ("enum", "struct", "tracepoint")


def _check_id(document, item, by_name, by_id):
    """What is wrong with the id of item, or None."""
    other = by_id.get((item.kind, item.id))
    if item.id != "-" and other and other.name != item.name:
        return document.error(
            item.path + ("id",),
            f"{item.id} was given to {other.name} ({other.place})",
            "ids are never reused; take another",
        )
    entry = by_name.get((item.kind, item.name))
    if entry and entry.id != item.id:
        return document.error(
            item.path + ("id",),
            f"{item.id} differs from the locked id {entry.id} ({entry.place})",
            "ids never change; restore it",
        )
    return None


def _check_layout(document, item, entry):
    """The first element of item that differs from the locked entry, as an error, or None."""
    hashes = item.hashes
    for i, (below, _) in enumerate(item.elements):
        if i < len(entry.hashes) and hashes[i] != entry.hashes[i]:
            return document.error(
                item.path + below,
                f"this differs from the locked layout ({entry.place})",
                "restore it and append, or make a new one under a new name and id",
            )
        if i >= len(entry.hashes) and item.kind not in _GROWING:
            return document.error(
                item.path + below,
                f"this is not in the locked layout ({entry.place})",
                f"a {item.kind} does not grow; make a new one",
            )
    if len(hashes) < len(entry.hashes):
        return document.error(
            item.path,
            f"{len(entry.hashes) - len(hashes)} elements of the locked layout are gone ({entry.place})",
            "restore them; elements are only appended",
        )
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
    errors, new = [], []
    for item in items(model):
        entry = by_name.get((item.kind, item.name))
        error = _check_id(document, item, by_name, by_id)
        if entry and not error:
            error = _check_layout(document, item, entry)
        if error:
            errors.append(error)
        elif entry is None or len(entry.hashes) < len(item.elements):
            new.append(item)
    if complete:
        for item in new:
            what = f"{item.kind} {item.name} is not in {document.lock} as it is here"
            errors.append(document.error(item.path, what, f"run: {UPDATE}"))
    if errors:
        raise SpecErrors(errors)
    return new

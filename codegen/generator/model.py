# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The frozen model that templates print. Made from a checked document; offsets come from layout."""

import dataclasses

from codegen.generator import layout
from codegen.generator.load import SpecErrors


@dataclasses.dataclass(frozen=True)
class EnumValue:
    name: str
    macro: str
    value: int
    doc: str


@dataclasses.dataclass(frozen=True)
class Enum:
    name: str
    tag: str
    doc: str
    header: str
    prefix: str
    bpf: bool
    names: bool
    unnamed: str
    flags: bool
    count: int  # for <prefix>COUNT_; 0 = none
    values: tuple


@dataclasses.dataclass(frozen=True)
class Constant:
    name: str
    header: str
    value: int
    doc: str
    bpf: bool


@dataclasses.dataclass(frozen=True)
class Field:
    """A member of a struct. type is of the spec; "pad" = unnamed hole."""

    name: str
    type: str
    element_size: int
    count: int  # 0 = not an array
    offset: int
    size: int
    signed: bool
    doc: str
    enum: object = None  # Enum
    display: str = "dec"  # dec, hex, enum, string
    role: str = ""
    slot: int = layout.SLOT_NONE
    slot_count: int = 0
    text: str = ""


@dataclasses.dataclass(frozen=True)
class Struct:
    name: str
    doc: str
    header: str
    group: str
    bpf: str
    bpf_if: str
    bpf_unless: str
    size: int
    fields: tuple

    @property
    def tag(self):
        return "axb_" + self.name


@dataclasses.dataclass(frozen=True)
class MapType:
    name: str
    id: int
    available: bool
    doc: str


@dataclasses.dataclass(frozen=True)
class HelperArg:
    name: str
    type: EnumValue


@dataclasses.dataclass(frozen=True)
class Helper:
    name: str
    id: int
    available: bool
    args: tuple
    ret: EnumValue
    c: str
    programs: tuple  # EnumValue of prog_bit; empty = all
    doc: str

    @property
    def short(self):
        return self.name[len("bpf_") :]

    @property
    def macro(self):
        return "AXB_HELPER_" + self.short.upper()


@dataclasses.dataclass(frozen=True)
class Tracepoint:
    name: str
    subsystem: str
    event: str
    id: int
    doc: str
    params: tuple  # Fields as the spec lists them
    members: tuple  # Fields of the context after its header, holes included
    size: int

    @property
    def ident(self):
        return f"{self.subsystem}_{self.event}"

    @property
    def slotted(self):
        return tuple(f for f in self.params if f.slot != layout.SLOT_NONE)

    @property
    def nr_args(self):
        return sum(f.slot_count for f in self.slotted)

    def role(self, role):
        """The field with that role, or None."""
        return next((f for f in self.params if f.role == role), None)


@dataclasses.dataclass(frozen=True)
class Model:
    enums: tuple
    constants: tuple
    structs: tuple
    map_types: tuple
    helpers: tuple  # by id
    tracepoints: tuple  # by id
    header: Struct  # of tracepoint contexts

    def enum(self, name):
        return next(e for e in self.enums if e.name == name)

    def struct(self, name):
        return next(s for s in self.structs if s.name == name)

    def group(self, group):
        return tuple(s for s in self.structs if s.group == group)

    def for_header(self, kind, header):
        return tuple(x for x in getattr(self, kind) if x.header == header)


#: helper argument type -> C type for BPF programs
ARG_C = {
    "scalar": "__u64",
    "const_scalar": "__u64",
    "size": "__u32",
    "size_or_zero": "__u32",
    "map": "void *",
    "map_key": "const void *",
    "map_value": "const void *",
    "map_value_out": "void *",
    "mem_read": "const void *",
    "mem_read_or_null": "const void *",
    "mem_write": "void *",
    "mem_write_or_null": "void *",
    "ctx": "void *",
    "ringbuf_record": "void *",
    "callback": "void *",
    "stack_or_null": "void *",
    "string": "const char *",
}

#: helper result type -> C type for BPF programs
RET_C = {
    "scalar": "long",
    "void": "void",
    "map_value_or_null": "void *",
    "ringbuf_record_or_null": "void *",
    "string_or_null": "const char *",
}


def _enum(name, raw):
    values = tuple(
        EnumValue(key, raw["prefix"] + key.upper(), v["value"], v.get("doc", "")) for key, v in raw["values"].items()
    )
    closed = not raw.get("flags") and not raw.get("open")
    return Enum(
        name=name,
        tag=raw.get("tag", "axb_" + name),
        doc=raw["doc"],
        header=raw["header"],
        prefix=raw["prefix"],
        bpf=raw.get("bpf", False),
        names=raw.get("names", False),
        unnamed=raw.get("unnamed", "unknown"),
        flags=raw.get("flags", False),
        count=max(v.value for v in values) + 1 if closed else 0,
        values=values,
    )


def _struct(document, name, raw, enums):
    path = ("structs", name, "fields")
    shapes = [(key, f["type"], f.get("count", 1)) for key, f in raw["fields"].items()]
    try:
        placed, size = layout.packed(shapes)
    except layout.Misfit as misfit:
        raise SpecErrors([document.error(path + (misfit.field,), misfit.what, misfit.todo)])
    if size != raw.get("size", size):
        what = f"the fields are {size} bytes, not {raw['size']}"
        todo = "correct the fields; a struct with a size never changes it"
        raise SpecErrors([document.error(("structs", name, "size"), what, todo)])
    fields = tuple(
        Field(
            name=place.name,
            type=f["type"],
            element_size=layout.INTEGERS[f["type"]][0],
            count=f.get("count", 0),
            offset=place.offset,
            size=place.size,
            signed=layout.INTEGERS[f["type"]][1],
            doc=f.get("doc", ""),
            enum=enums.get(f.get("enum")),
            text=f.get("text", ""),
        )
        for place, f in zip(placed, raw["fields"].values())
    )
    return Struct(
        name=name,
        doc=raw["doc"],
        header=raw["header"],
        group=raw["group"],
        bpf=raw.get("bpf", ""),
        bpf_if=raw.get("bpf_if", ""),
        bpf_unless=raw.get("bpf_unless", ""),
        size=size,
        fields=fields,
    )


_ROLE_FIELD = {"vm": "vm_id", "vcpu": "vcpu_id", "duration": "duration_ns"}


def _tp_field(name, raw, place, slot, enums):
    text = raw["type"] == layout.STRING
    size, signed = (1, False) if text else layout.INTEGERS[raw["type"]]
    enum = enums.get(raw.get("enum"))
    return Field(
        name=name,
        type="char" if text else raw["type"],
        element_size=size,
        count=place.size if text else 0,
        offset=place.offset,
        size=place.size,
        signed=signed,
        doc=raw.get("doc", ""),
        enum=enum,
        display="string" if text else "enum" if enum else raw.get("display", "dec"),
        role=raw.get("role", ""),
        slot=slot[0],
        slot_count=slot[1],
    )


def _hole(place):
    return Field(place.name, "u8", 1, place.size, place.offset, place.size, False, "")


def _tracepoint(document, name, raw, header, enums):
    own = {key: f for key, f in raw["fields"].items() if "role" not in f}
    try:
        slots = layout.slots([(key, f["type"]) for key, f in own.items()])
    except layout.Misfit as misfit:
        raise SpecErrors([document.error(("tracepoints", name, "fields", misfit.field), misfit.what, misfit.todo)])
    shapes = []
    for key, f in own.items():
        size = slots[key][1] * layout.SLOT_SIZE if f["type"] == layout.STRING else layout.INTEGERS[f["type"]][0]
        shapes.append((key, size, 1 if f["type"] == layout.STRING else size))
    placed, total = layout.natural(shapes, header.size)
    by_name = {p.name: p for p in placed}
    by_role = {f.name: layout.Placed(f.name, f.offset, f.size) for f in header.fields}
    params = []
    for key, f in raw["fields"].items():
        place = by_role[_ROLE_FIELD[f["role"]]] if "role" in f else by_name[key]
        params.append(_tp_field(key, f, place, slots.get(key, (layout.SLOT_NONE, 0)), enums))
    own_fields = {f.name: f for f in params}
    subsystem, event = name.split(":")
    return Tracepoint(
        name=name,
        subsystem=subsystem,
        event=event,
        id=raw["id"],
        doc=raw["doc"],
        params=tuple(params),
        members=tuple(own_fields[p.name] if p.name in own else _hole(p) for p in placed),
        size=total,
    )


def _helper(name, raw, enums):
    args = {v.name: v for v in enums["arg_type"].values}
    rets = {v.name: v for v in enums["ret_type"].values}
    bits = {v.name: v for v in enums["prog_bit"].values}
    return Helper(
        name=name,
        id=raw["id"],
        available=raw["available"],
        args=tuple(HelperArg(key, args[kind]) for key, kind in raw.get("args", {}).items()),
        ret=rets[raw["ret"]],
        c=raw.get("c", RET_C[raw["ret"]]),
        programs=tuple(bits[p] for p in raw.get("programs", [])),
        doc=raw["doc"],
    )


def _collect(items):
    """Evaluate the functions items; all their errors together."""
    result, errors = [], []
    for item in items:
        try:
            result.append(item())
        except SpecErrors as error:
            errors += error.errors
    if errors:
        raise SpecErrors(errors)
    return result


def build(document):
    """The model of a document that check.check() accepted. Raises SpecErrors."""
    data = document.data
    enums = {name: _enum(name, raw) for name, raw in data["enums"].items()}
    structs = _collect([lambda n=n, r=r: _struct(document, n, r, enums) for n, r in data["structs"].items()])
    header = next(s for s in structs if s.name == "tp_ctx_header")
    tracepoints = _collect(
        [lambda n=n, r=r: _tracepoint(document, n, r, header, enums) for n, r in data["tracepoints"].items()]
    )
    return Model(
        enums=tuple(enums.values()),
        constants=tuple(
            Constant(n, c["header"], c["value"], c["doc"], c.get("bpf", False)) for n, c in data["constants"].items()
        ),
        structs=tuple(structs),
        map_types=tuple(
            sorted(
                (MapType(n, m["id"], m["available"], m["doc"]) for n, m in data["map_types"].items()),
                key=lambda m: m.id,
            )
        ),
        helpers=tuple(sorted((_helper(n, h, enums) for n, h in data["helpers"].items()), key=lambda h: h.id)),
        tracepoints=tuple(sorted(tracepoints, key=lambda t: t.id)),
        header=header,
    )

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Checks a loaded spec: JSON Schema first, then names, ids, widths and references."""

import os

import jsonschema
import yaml

from codegen.generator import layout
from codegen.generator.load import SpecErrors

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_KEYWORDS = frozenset(
    """alignas alignof and asm auto bool break case catch char class const constexpr continue
    default delete do double else enum explicit export extern false final float for friend goto if
    inline int long mutable namespace new not nullptr operator or private protected public register
    restrict return short signed sizeof static struct switch template this throw true try typedef
    typeof union unsigned using virtual void volatile while
    def del elif except from global import in is lambda pass raise with yield none""".split()
)
_SIZES = ("size", "size_or_zero")
_NEED_SIZE = ("mem_read", "mem_write", "mem_read_or_null", "mem_write_or_null")
_NEED_MAP = ("map_key", "map_value", "map_value_out")
_ROLES = {"vm": ("vm_id", "u16"), "vcpu": ("vcpu_id", "u16"), "duration": ("duration_ns", "u64")}
#: What the templates print by name.
_NEEDED = (
    ("structs", "trace_event"),
    ("structs", "stream_header"),
    ("structs", "stream_block"),
    ("structs", "stream_name"),
    ("structs", "stream_stats"),
    ("structs", "tp_ctx_header"),
    ("enums", "probe_type"),
    ("enums", "exit_reason"),
    ("enums", "arg_type"),
    ("enums", "ret_type"),
    ("enums", "prog_bit"),
)


def _one_of(words):
    return "use one of: " + ", ".join(map(str, words))


def _schema_error(document, error):
    path = tuple(error.absolute_path)
    kind = error.validator
    if kind == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        extra = sorted(set(error.instance) - set(known))[0]
        return document.error(path + (extra,), f'unknown key "{extra}"', _one_of(known))
    if kind == "required":
        missing = error.message.split("'")[1]
        return document.error(path, f'the key "{missing}" is missing', "add it")
    if kind == "enum":
        return document.error(path, f'unknown value "{error.instance}"', _one_of(error.validator_value))
    if "propertyNames" in error.absolute_schema_path or "propertyNames" in error.schema_path:
        name = error.instance
        rule = f"match {error.validator_value}" if kind == "pattern" else f"be at most {error.validator_value} long"
        return document.error(path + (str(name),), f'"{name}" is not a name here', f"it must {rule}")
    if kind == "type":
        return document.error(path, f"{error.instance!r} is not of type {error.validator_value}", "correct it")
    if kind in ("minimum", "maximum"):
        return document.error(path, f"{error.instance} is out of range", f"the {kind} is {error.validator_value}")
    if kind == "maxProperties":
        return document.error(path, f"{len(error.instance)} entries are too many", f"at most {error.validator_value}")
    return document.error(path, error.message.splitlines()[0][:120], f"see {kind} in schema.yaml")


def schema_file():
    return os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "spec", "schema.yaml")


def _check_schema(document):
    with open(schema_file(), encoding="ascii") as stream:
        schema = yaml.load(stream, Loader=_Loader)
    validator = jsonschema.Draft202012Validator(schema)
    return [_schema_error(document, e) for e in validator.iter_errors(document.data)]


class _Checker:
    def __init__(self, document):
        self.document = document
        self.data = document.data
        self.errors = []

    def error(self, path, what, todo):
        self.errors.append(self.document.error(path, what, todo))

    def needed(self):
        for section, name in _NEEDED:
            if name not in self.data[section]:
                self.error((section,), f'"{name}" is missing', "generated files need it")

    def ids(self, section, key="id"):
        seen = {}
        for name, item in self.data[section].items():
            number = item[key]
            if number in seen:
                free = max(i[key] for i in self.data[section].values()) + 1
                self.error(
                    (section, name, key),
                    f"{number} is the {key} of {seen[number]} already",
                    f"take another, such as {free}",
                )
            seen.setdefault(number, name)

    def name(self, path, name, reserved=()):
        if name.lower() in _KEYWORDS:
            self.error(path, f'"{name}" is a reserved word of C, C++ or Python', "rename it")
        elif name in reserved:
            self.error(path, f'"{name}" is reserved', "rename it")

    def type(self, path, kind, string=False):
        known = list(layout.INTEGERS) + ([layout.STRING] if string else [])
        if kind in known:
            return True
        if kind[:1] in "us" and kind[1:].isdigit() and int(kind[1:]) > 64:
            self.error(path, f"{kind} is too wide, a slot has 64 bits", "split it into u64 fields")
        else:
            self.error(path, f'unknown type "{kind}"', _one_of(known))
        return False

    def enum(self, path, raw, types=None):
        name = raw.get("enum")
        if name is None:
            return
        if name not in self.data["enums"]:
            self.error(path + ("enum",), f'there is no enum "{name}"', _one_of(sorted(self.data["enums"])))
        elif types == "named" and not self.data["enums"][name].get("names"):
            self.error(path + ("enum",), f'enum "{name}" has no names to show', "give it names: true")
        elif types == "named" and raw["type"] not in ("u8", "u16", "u32"):
            self.error(path + ("type",), f"an enum field is u8, u16 or u32, not {raw['type']}", "correct the type")

    def enums(self):
        for name, raw in self.data["enums"].items():
            path = ("enums", name, "values")
            seen = {}
            for key, value in raw["values"].items():
                number = value["value"]
                if number in seen:
                    self.error(
                        path + (key, "value"), f"{number} is the value of {seen[number]} already", "take another"
                    )
                seen[number] = key
                if key.lower() == "count_":
                    self.error(path + (key,), f'"{key}" is reserved', "rename it")
                if raw.get("flags") and number & (number - 1):
                    self.error(path + (key, "value"), f"{number} is not a single bit", "take a power of two")

    def structs(self):
        for name, raw in self.data["structs"].items():
            for key, field in raw["fields"].items():
                path = ("structs", name, "fields", key)
                self.name(path, key)
                self.type(path + ("type",), field["type"])
                self.enum(path, field)
                if "text" in field and len(field["text"]) != field.get("count"):
                    self.error(path + ("text",), "its length is not the count", "make them equal")

    def helpers(self):
        args = self.data["enums"]["arg_type"]["values"]
        rets = self.data["enums"]["ret_type"]["values"]
        bits = self.data["enums"]["prog_bit"]["values"]
        for name, raw in self.data["helpers"].items():
            path = ("helpers", name)
            if raw["ret"] not in rets:
                self.error(path + ("ret",), f'unknown type "{raw["ret"]}"', _one_of(rets))
            for program in raw.get("programs", []):
                if program not in bits:
                    self.error(path + ("programs",), f'unknown program type "{program}"', _one_of(bits))
            self.helper_args(path, raw, args)

    def helper_args(self, path, raw, types):
        before = []
        items = list(raw.get("args", {}).items())
        for i, (key, kind) in enumerate(items):
            here = path + ("args", key)
            self.name(here, key)
            after = items[i + 1][1] if i + 1 < len(items) else None
            if kind not in types or kind == "none":
                self.error(here, f'unknown type "{kind}"', _one_of(t for t in types if t != "none"))
            elif kind in _NEED_SIZE and after not in _SIZES:
                self.error(here, f"{kind} without a size", "let the next argument be size or size_or_zero")
            elif kind in _SIZES and (not before or before[-1] not in _NEED_SIZE):
                self.error(here, f"{kind} without memory", "let the argument before be mem_read or mem_write")
            elif kind in _NEED_MAP and "map" not in before:
                self.error(here, f"{kind} without a map", "let an argument before be map")
            before.append(kind)
        if raw["ret"] == "map_value_or_null" and "map" not in before:
            self.error(path + ("ret",), "map_value_or_null without a map", "let an argument be map")
        if raw["ret"] == "ringbuf_record_or_null" and "const_scalar" not in before:
            self.error(path + ("ret",), "ringbuf_record_or_null without its size", "let an argument be const_scalar")

    def tracepoints(self):
        header = self.data["structs"].get("tp_ctx_header", {"fields": {}})["fields"]
        idents = {}
        for name, raw in self.data["tracepoints"].items():
            ident = name.replace(":", "_")
            if ident in idents:
                self.error(("tracepoints", name), f"its C name {ident} is that of {idents[ident]}", "rename it")
            idents[ident] = name
            keys = list(raw["fields"])
            for key, field in raw["fields"].items():
                self.tp_field(("tracepoints", name, "fields", key), key, field, keys[-1] == key, header)
            roles = [f.get("role") for f in raw["fields"].values()]
            if "vcpu" in roles and "vm" not in roles:
                self.error(("tracepoints", name, "fields"), "a vCPU without its VM", "add vm_id with role vm")

    def tp_field(self, path, key, field, last, header):
        role = field.get("role")
        if role:
            name, kind = _ROLES[role]
            if key != name or field["type"] != kind:
                self.error(path, f"role {role} on a field that is not {name} of type {kind}", "correct name and type")
            return
        self.name(path, key, reserved=list(header) + ["ctx", "slots", "raw"])
        if key.startswith(("reserved", "common_")):
            self.error(path, f'"{key}" is reserved: it begins with "reserved" or "common_"', "rename it")
        if not self.type(path + ("type",), field["type"], string=True):
            return
        if field["type"] == layout.STRING:
            if not last:
                self.error(path, "a string that is not the last field", "move it to the end")
            for other in ("enum", "display"):
                if other in field:
                    self.error(path + (other,), f"{other} on a string", "remove it")
        self.enum(path, field, "named")


def check(document):
    """Raise SpecErrors with everything that is wrong with the document."""
    errors = _check_schema(document)
    if errors:
        raise SpecErrors(errors)
    checker = _Checker(document)
    checker.needed()
    if not checker.errors:
        for section in ("map_types", "helpers", "tracepoints"):
            checker.ids(section)
        checker.enums()
        checker.structs()
        checker.helpers()
        checker.tracepoints()
    if checker.errors:
        raise SpecErrors(checker.errors)

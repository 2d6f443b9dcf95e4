# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Reads the spec: the root file and its parts become one tree that knows the place of each node."""

import dataclasses
import os

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclasses.dataclass(frozen=True)
class SpecError(Exception):
    """Something wrong in the spec: where, in which node, what, and what to do."""

    file: str
    line: int
    node: str
    what: str
    todo: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.node}: {self.what}; {self.todo}"


class SpecErrors(Exception):
    """One or more SpecError, in the order of files and lines."""

    def __init__(self, errors):
        self.errors = sorted(errors, key=lambda e: (e.file, e.line, e.node))
        super().__init__("\n".join(map(str, self.errors)))


@dataclasses.dataclass
class Document:
    """The merged tree (dict, list, str, int, bool) and (file, line) of each node by its path."""

    data: dict
    places: dict
    lock: str

    def error(self, path, what, todo):
        """A SpecError at the node at path, a tuple of keys."""
        known = path
        while known not in self.places:
            known = known[:-1]
        file, line = self.places[known]
        return SpecError(file, line, ".".join(map(str, path)) or "spec", what, todo)


def _compose(file):
    try:
        with open(file, encoding="ascii") as stream:
            return yaml.compose(stream, Loader=_Loader)
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SpecErrors(
            [SpecError(file, line, "spec", f"not ASCII: byte {error.object[error.start]:#x}", "write ASCII")]
        )
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise SpecErrors([SpecError(file, line, "spec", f"not YAML: {problem}", "correct the syntax")])


class _Merger:
    """Turns YAML nodes into plain data, and merges the mappings of several files."""

    def __init__(self):
        self.places = {}
        self.errors = []
        self._scalars = _Loader("")

    def merge(self, file, node, path=(), into=None):
        """Plain data of node, added to the mapping into when both are mappings."""
        self.places.setdefault(path, (file, node.start_mark.line + 1))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(file, node, path, {} if into is None else into)
        if isinstance(node, yaml.SequenceNode):
            return [self.merge(file, n, path + (i,)) for i, n in enumerate(node.value)]
        return self._scalars.construct_object(node)

    def _mapping(self, file, node, path, data):
        for key_node, value in node.value:
            key = str(key_node.value)
            here = path + (key,)
            line = key_node.start_mark.line + 1
            if here in self.places:
                # The sections of the spec, and only they, may be spread over the files.
                if path or self.places[here][0] == file or not (
                    isinstance(value, yaml.MappingNode) and isinstance(data[key], dict)
                ):
                    first = "%s:%d" % self.places[here]
                    self.errors.append(
                        SpecError(file, line, ".".join(here), f"defined already at {first}", "remove or rename one")
                    )
                    continue
                self._mapping(file, value, here, data[key])
                continue
            self.places[here] = (file, line)
            data[key] = self.merge(file, value, here)
        return data


def _add(merger, file, data):
    node = _compose(file)
    if not isinstance(node, yaml.MappingNode):
        raise SpecErrors([SpecError(file, 1, "spec", "not a mapping", "begin with a section such as tracepoints:")])
    merger.merge(file, node, (), data)


def load(root, extra=()):
    """Load the spec at root, its parts beside it, and the parts extra. Raises SpecErrors."""
    merger = _Merger()
    data = {}
    try:
        _add(merger, root, data)
    except FileNotFoundError:
        raise SpecErrors([SpecError(root, 1, "spec", "there is no such file", "name the root of the spec")])
    document = Document(data, merger.places, "")
    folder = os.path.dirname(root)
    spec = data.get("spec") if isinstance(data.get("spec"), dict) else {}
    parts = spec.get("parts")
    for i, part in enumerate(parts if isinstance(parts, list) else []):
        try:
            _add(merger, os.path.join(folder, str(part)), data)
        except FileNotFoundError:
            merger.errors.append(
                document.error(
                    ("spec", "parts", i),
                    f"there is no file {part} beside {os.path.basename(root)}",
                    "create it or take it off the list",
                )
            )
    for part in extra:
        _add(merger, part, data)
    if merger.errors:
        raise SpecErrors(merger.errors)
    document.lock = os.path.join(folder, str(spec.get("lock", "ids.lock")))
    return document

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""bazel run //codegen:update: after a change of the spec, append to ids.lock and rewrite the goldens.

Says what changed. Refuses what the lock forbids, and then changes nothing.
"""

import difflib
import os
import sys

from codegen.generator import load, lock, main, render

SPEC = "codegen/spec/axebpf.yaml"
TEMPLATES = "codegen/templates"
GOLDEN = "testdata/golden"


def _read(file):
    if not os.path.exists(file):
        return ""
    with open(file, encoding="ascii") as stream:
        return stream.read()


def _write(file, text):
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "w", encoding="ascii", newline="\n") as stream:
        stream.write(text)


def _append_lock(file, items):
    if not items:
        return []
    old = _read(file) or lock.HEAD
    _write(file, old + "".join(i.entry() + "\n" for i in items))
    return [f"{file}: + {i.entry()}" for i in items]


def _update_golden(file, text):
    old = _read(file)
    if old == text:
        return []
    _write(file, text)
    diff = difflib.unified_diff(old.splitlines(), text.splitlines(), file, file, lineterm="", n=0)
    return [line for line in diff if not line.startswith("---")]


def update():
    """Bring lock and goldens of the tree in the working directory up to date; returns lines of report."""
    document, built, new = main.validate(SPEC, complete=False)
    texts = render.render(built, TEMPLATES, SPEC)
    report = _append_lock(document.lock, new)
    for name in sorted(t for t in texts if t.startswith("abi/")):
        report += _update_golden(os.path.join(GOLDEN, name), texts[name])
    return report


def run():
    os.chdir(os.environ.get("BUILD_WORKSPACE_DIRECTORY", "."))
    try:
        report = update()
    except load.SpecErrors as errors:
        print(errors, file=sys.stderr)
        print("Nothing was changed.", file=sys.stderr)
        return 1
    print("\n".join(report) if report else "Everything is up to date.")
    if report:
        print("Review the changes of ids.lock and of testdata/golden/abi, and commit them with the spec.")
    return 0


if __name__ == "__main__":
    sys.exit(run())

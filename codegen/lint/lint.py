# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Checks of the repository's files that no compiler makes. lint.py ANY_FILE_OF_THE_TREE/WORKSPACE"""

import os
import pathlib
import re
import subprocess
import sys

TOP_LEVEL = frozenset(
    "WORKSPACE BUILD README.md LICENSE CHANGELOG.md CONTRIBUTING.md CAVEATS.md"
    " runtime probes codegen bpf testdata platforms".split()
)
SPDX = "SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0"
SPDX_SUFFIXES = frozenset(".c .h .cc .S .py .sh .bzl .inc .def .ld".split())
# Examples that integrators read: the C and assembly of each folder stay below so many lines.
SMALL_FOLDERS = {"platforms/aarch64_qemu": 4000, "platforms/x86_64_qemu": 4000}
SOURCE_SUFFIXES = (".c", ".h", ".S", ".ld")
# In lines from the top: behind "#!", and what may come before a docstring.
SPDX_LINES = 3

_TODO = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK|X" r"XX)\b(?!\(#\d+\))")
_MACHINE_PATH = re.compile(r"(?<![\w.$}])/(work|home|root|mnt|Users)/[\w.]")


def list_files(root):
    """Files of the tree, relative: those that git knows or would take, else all but Bazel's links."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        out = subprocess.run(command, check=True, capture_output=True).stdout
        names = {os.fsdecode(name) for name in out.split(b"\0") if name}
    except (OSError, subprocess.CalledProcessError):
        names = set()
        for folder, folders, files in os.walk(root):
            folders[:] = [f for f in folders if f != ".git" and not f.startswith("bazel-")]
            names.update(os.path.relpath(os.path.join(folder, f), root) for f in files)
    return sorted(name for name in names if (root / name).is_file())


def check_top_level(names):
    """The top level has exactly these names, and what begins with a dot."""
    found = {name.split("/")[0] for name in names}
    for name in sorted(found - TOP_LEVEL):
        if not name.startswith("."):
            yield name, 0, "does not belong to the top level"
    for name in sorted(TOP_LEVEL - found):
        yield name, 0, "is missing from the top level"


def guard_of(name):
    return "AXB_" + re.sub(r"[^A-Z0-9]", "_", name.upper()) + "_"


def check_guard(name, lines):
    guard = guard_of(name)
    code = [line for line in lines if line.startswith("#")]
    if code[:2] != [f"#ifndef {guard}", f"#define {guard}"]:
        yield name, 1, f"does not begin with the guard {guard}"


def check_spdx(name, lines):
    if not any(SPDX in line for line in lines[:SPDX_LINES]):
        yield name, 1, f"has no line '{SPDX}' at its top"


def is_bazel(name):
    return name.endswith(".bzl") or os.path.basename(name) in ("BUILD", "WORKSPACE") or name.endswith(".BUILD")


def check_lines(name, lines):
    bazel = is_bazel(name)
    for number, line in enumerate(lines, 1):
        if bazel and "\t" in line:
            yield name, number, "has a tab"
        if line != line.rstrip():
            yield name, number, "ends in a blank"
        if _TODO.search(line):
            yield name, number, "an open point without the number of its issue: write it as (#N)"
        if _MACHINE_PATH.search(line):
            yield name, number, "a path of one machine"


def check_text(name, data):
    """Everything about one file of text."""
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as e:
        yield name, data.count(b"\n", 0, e.start) + 1, "is not ASCII"
        return
    if b"\r" in data:
        yield name, 1, "has carriage returns"
    if data and not data.endswith(b"\n"):
        yield name, text.count("\n") + 1, "has no end of line at its end"
    lines = text.split("\n")
    suffix = os.path.splitext(name)[1]
    if suffix in SPDX_SUFFIXES:
        yield from check_spdx(name, lines)
    if suffix == ".h":
        yield from check_guard(name, lines)
    yield from check_lines(name, lines)


def list_libraries(text):
    """Names of the cc_library targets of a BUILD file that are not for tests only."""
    for block in re.findall(r"^cc_library\(\n(.*?)^\)", text, re.M | re.S):
        if "testonly = True" not in block and "manual" not in block:
            yield re.search(r'name = "([^"]*)"', block).group(1)


def check_freestanding(layer, packages):
    """Each package of a layer that has libraries is in the list of freestanding_proof() of that layer."""
    proof = packages.get(f"{layer}/BUILD", "")
    for name, text in sorted(packages.items()):
        folder = os.path.dirname(name)
        if folder.startswith(layer + "/") and list(list_libraries(text)):
            if not re.search(rf'"//{re.escape(folder)}[:"]', proof):
                yield name, 0, f"has a library, but //{layer}:freestanding does not list it"


def check_small_folders(root, names):
    """The sources right in each of these folders are below its limit, together."""
    for folder, limit in sorted(SMALL_FOLDERS.items()):
        sources = [n for n in names if os.path.dirname(n) == folder and n.endswith(SOURCE_SUFFIXES)]
        lines = sum((root / n).read_bytes().count(b"\n") for n in sources)
        if lines >= limit:
            yield folder, 0, f"has {lines} lines of sources, not below {limit}"


def is_data(name):
    """Tested as what it is: goldens, corpora, fixtures. Licenses are other people's text."""
    return name.startswith("testdata/") or "/corpus/" in name or name == "LICENSE"


def check_tree(root):
    names = list_files(root)
    yield from check_top_level(names)
    packages = {n: (root / n).read_text(errors="replace") for n in names if os.path.basename(n) == "BUILD"}
    for layer in ("probes", "runtime"):
        yield from check_freestanding(layer, packages)
    yield from check_small_folders(root, names)
    for name in names:
        if not is_data(name):
            yield from check_text(name, (root / name).read_bytes())


def main(argv):
    root = pathlib.Path(argv[1]).resolve().parent
    problems = list(check_tree(root))
    for name, number, what in problems:
        print(f"{name}:{number}: {what}" if number else f"{name}: {what}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

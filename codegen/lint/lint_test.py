# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
import pathlib
import subprocess
import tempfile
import unittest

from codegen.lint import format as format_check
from codegen.lint import lint

HEAD = "# " + lint.SPDX + "\n"
C_HEAD = "/* " + lint.SPDX + " */\n"
GOOD_HEADER = C_HEAD + "#ifndef AXB_RUNTIME_RING_RING_H_\n#define AXB_RUNTIME_RING_RING_H_\n#endif\n"


class TextTest(unittest.TestCase):
    def problems(self, name, text):
        data = text if isinstance(text, bytes) else text.encode()
        return [(line, what) for _, line, what in lint.check_text(name, data)]

    def test_takes_good_files(self):
        for name, text in {
            "a/b.c": C_HEAD + "\tint x; /* TO" "DO(#12): sentence */\n",
            "a/b.py": "#!/usr/bin/python3\n" + HEAD,
            "a/b.bzl": HEAD + '"""Doc."""\n',
            "a/BUILD": "x()\n",
            "a/b.md": "in /etc/x and $ROOT/work/x\n",
            "runtime/ring/ring.h": GOOD_HEADER,
            "a/empty.md": "",
        }.items():
            self.assertEqual(self.problems(name, text), [], name)

    def test_refuses_bad_files(self):
        for name, text, line, what in [
            ("a/b.c", "int x;\n", 1, "SPDX"),
            ("a/b.sh", "#!/bin/sh\n\n\n" + HEAD, 1, "SPDX"),
            ("a/b.bzl", "x = 1\n", 1, "SPDX"),
            ("a/b.md", "one\ntw\u00f6\n", 2, "ASCII"),
            ("a/b.md", b"\xff\n", 1, "ASCII"),
            ("a/b.md", "one\r\n", 1, "carriage"),
            ("a/b.md", "one", 1, "end of line"),
            ("a/b.md", "one \n", 1, "blank"),
            ("a/BUILD", "x(\n\ty)\n", 2, "tab"),
            ("a/b.bzl", HEAD + "\tx = 1\n", 2, "tab"),
            ("a/x.BUILD", "\tx()\n", 1, "tab"),
            ("a/b.md", "TO" "DO: later\n", 1, "open point"),
            ("a/b.md", "FIX" "ME(someone)\n", 1, "open point"),
            ("a/b.md", "see /" "home/someone/x\n", 1, "path of one machine"),
            ("a/b.md", "'/" "work/x'\n", 1, "path of one machine"),
            ("runtime/ring/ring.h", GOOD_HEADER.replace("RING_RING", "RING"), 1, "AXB_RUNTIME_RING_RING_H_"),
            ("runtime/ring/ring.h", C_HEAD + "#pragma once\n", 1, "guard"),
        ]:
            found = self.problems(name, text)
            self.assertTrue(any(n == line and what in w for n, w in found), (name, text, found))


class TreeTest(unittest.TestCase):
    def setUp(self):
        self._dir = tempfile.TemporaryDirectory()
        self.addCleanup(self._dir.cleanup)
        self.root = pathlib.Path(self._dir.name)
        for name in lint.TOP_LEVEL:
            path = self.root / name
            if name.islower():
                path.mkdir()
                path = path / "README.md"
            path.write_text("text\n")

    def problems(self):
        return [f"{name}: {what}" for name, _, what in lint.check_tree(self.root)]

    def test_takes_a_good_tree(self):
        (self.root / ".bazelrc").write_text("build --x\n")
        (self.root / "testdata" / "golden.txt").write_bytes(b"\xff \r")
        (self.root / "runtime" / "corpus").mkdir()
        (self.root / "runtime" / "corpus" / "x.c").write_bytes(b"\0")
        self.assertEqual(self.problems(), [])

    def test_refuses_another_top_level(self):
        (self.root / "docs").mkdir()
        (self.root / "docs" / "x.md").write_text("text\n")
        (self.root / "LICENSE").unlink()
        self.assertEqual(
            self.problems(), ["docs: does not belong to the top level", "LICENSE: is missing from the top level"]
        )

    def test_wants_each_library_to_be_freestanding(self):
        library = 'cc_library(\n    name = "%s",\n%s)\n'
        for folder in ("ring", "elf", "fake"):
            (self.root / "runtime" / folder).mkdir()
        (self.root / "runtime" / "BUILD").write_text('freestanding_proof(deps = ["//runtime/elf:elf"])\n')
        (self.root / "runtime" / "elf" / "BUILD").write_text(library % ("elf", ""))
        (self.root / "runtime" / "fake" / "BUILD").write_text(library % ("fake", "    testonly = True,\n"))
        self.assertEqual(self.problems(), [])
        (self.root / "runtime" / "ring" / "BUILD").write_text(library % ("ring", ""))
        self.assertEqual(
            self.problems(), ["runtime/ring/BUILD: has a library, but //runtime:freestanding does not list it"]
        )

    def test_keeps_the_reference_hypervisors_small(self):
        folder = self.root / "platforms" / "x86_64_qemu"
        (folder / "guests").mkdir(parents=True)
        head = GOOD_HEADER.replace("RUNTIME_RING_RING_H_", "PLATFORMS_X86_64_QEMU_A_H_")
        room = lint.SMALL_FOLDERS["platforms/x86_64_qemu"] - head.count("\n") - 1
        (folder / "a.h").write_text(head)
        (folder / "b.c").write_text(C_HEAD + "\n" * (room - 1))
        (folder / "README.md").write_text("text\n" * 100)
        (folder / "guests" / "c.c").write_text(C_HEAD + "\n" * 100)
        self.assertEqual(self.problems(), [])
        (folder / "b.c").write_text(C_HEAD + "\n" * room)
        self.assertEqual(self.problems(), ["platforms/x86_64_qemu: has 4000 lines of sources, not below 4000"])

    def test_leaves_links_of_bazel_and_ignored_files_out(self):
        (self.root / "bazel-out").mkdir()
        (self.root / "bazel-out" / "x.c").write_text("bad")
        self.assertEqual(self.problems(), [])
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        (self.root / ".gitignore").write_text("bazel-*\n*.o\n")
        (self.root / "runtime" / "x.o").write_text("bad")
        self.assertEqual(self.problems(), [])
        (self.root / "runtime" / "x.c").write_text("int x;\n")
        self.assertEqual(len(self.problems()), 1, "a file that git does not know yet")

    def test_finds_files_that_clang_format_would_change(self):
        (self.root / ".clang-format").write_text("BasedOnStyle: LLVM\n")
        (self.root / "runtime" / "good.c").write_text("int x;\n")
        (self.root / "runtime" / "bad.c").write_text("int   x ;\n")
        (self.root / "testdata" / "data.c").write_text("int   x ;\n")
        names = format_check.list_sources(self.root)
        self.assertEqual(names, ["runtime/bad.c", "runtime/good.c"])
        self.assertEqual(format_check.unformatted(self.root, names), ["runtime/bad.c"])


if __name__ == "__main__":
    unittest.main()

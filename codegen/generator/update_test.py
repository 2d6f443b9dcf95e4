# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""In a copy of the tree: add a tracepoint and a helper, run update, build programs that use them."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

CLANG = "/usr/bin/clang-19"

TRACEPOINT = """
  test:lamp:
    id: 60000
    doc: A lamp changed.
    fields:
      vm_id: {type: u16, role: vm}
      lamp: {type: u16}
      brightness: {type: s32}
"""
UNUSUAL = """
  test:nothing:
    id: 60001
    doc: It has no field.
    fields: {}
  test:time:
    id: 60002
    doc: It has a duration only.
    fields:
      duration_ns: {type: u64, role: duration}
  test:holes:
    id: 60003
    doc: Its context has holes.
    fields:
      a: {type: s8}
      b: {type: u32}
      c: {type: s16}
      text: {type: string}
"""
HELPER = """
  bpf_lamp_set:
    id: 0x1f000
    available: true
    args: {lamp: scalar, text: mem_read, size: size}
    ret: scalar
    doc: Set a lamp.
"""
BPF = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "codegen/gen/axebpf.bpf.h"
SEC("tracepoint/test/lamp") int on_lamp(struct axb_tp_ctx_test_lamp *ctx)
{
	char text[4] = "on";
	return ctx->id == AXB_TP_ID_TEST_LAMP ? bpf_lamp_set(ctx->lamp, text, sizeof(text)) : ctx->brightness;
}
char _license[] SEC("license") = "GPL";
"""
C = """
#include "codegen/gen/helpers_gen.h"
#include "codegen/gen/tracepoints_gen.h"
#define X(id, fn) extern int fn;
AXB_HELPER_IMPL_LIST(X)
int *lamp_helper(void) { return &axb_helper_lamp_set; }
void lamp(void) { axb_trace_test_lamp(1, 2, -3); }
_Static_assert(AXB_HELPER_LAMP_SET == 0x1f000, "id");
"""


class Tree:
    """A copy of the spec, its templates, its goldens and the headers that generated code includes."""

    def __init__(self, root):
        self.root = root
        for folder in ("codegen/spec", "codegen/templates", "testdata/golden/abi", "runtime/base", "runtime/trace"):
            shutil.copytree(folder, os.path.join(root, folder), ignore=shutil.ignore_patterns("BUILD"))
        for folder, _, names in os.walk(root):
            os.chmod(folder, 0o755)
            for name in names:
                os.chmod(os.path.join(folder, name), 0o644)

    def path(self, name):
        return os.path.join(self.root, name)

    def read(self, name):
        with open(self.path(name), encoding="ascii") as stream:
            return stream.read()

    def write(self, name, text, mode="w"):
        with open(self.path(name), mode, encoding="ascii") as stream:
            stream.write(text)

    def run(self, *command):
        env = {
            "BUILD_WORKSPACE_DIRECTORY": self.root,
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": os.pathsep.join(os.path.abspath(p) for p in sys.path),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True)

    def update(self):
        return self.run(sys.executable, "-m", "codegen.generator.update")

    def generate(self):
        options = ["--spec", "codegen/spec/axebpf.yaml", "--templates", "codegen/templates", "--out", "codegen/gen"]
        return self.run(sys.executable, "-m", "codegen.generator.main", *options)


class Update(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.tree = Tree(self.folder.name)

    def succeed(self, result):
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)
        return result.stdout

    def test_an_unchanged_tree_is_up_to_date(self):
        self.assertEqual("Everything is up to date.\n", self.succeed(self.tree.update()))

    def test_one_block_each_adds_a_tracepoint_and_a_helper(self):
        tree = self.tree
        lock = tree.read("codegen/spec/ids.lock")
        tree.write("codegen/spec/tracepoints.yaml", TRACEPOINT, "a")
        tree.write("codegen/spec/helpers.yaml", HELPER, "a")
        before = tree.generate()
        self.assertEqual(1, before.returncode)
        self.assertIn(
            "test:lamp is not in codegen/spec/ids.lock as it is here; run: bazel run //codegen:update", before.stderr
        )

        report = self.succeed(tree.update())
        self.assertIn("+ tracepoint test:lamp 60000 ", report)
        self.assertIn("+ helper bpf_lamp_set 126976 ", report)
        self.assertIn("+tracepoint 60000 test:lamp context 32", report)
        new = tree.read("codegen/spec/ids.lock")
        self.assertTrue(new.startswith(lock))
        self.assertEqual(2, len(new[len(lock) :].splitlines()))
        self.assertIn("test:lamp", tree.read("testdata/golden/abi/tracepoints.abi.txt"))

        self.succeed(tree.generate())
        self.compile_bpf()
        self.compile_c()

    def compile_bpf(self):
        self.tree.write("lamp.bpf.c", BPF)
        flags = ["-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-ffreestanding"]
        flags += ["-idirafter", "/usr/include/x86_64-linux-gnu", "-I."]
        self.succeed(self.tree.run(CLANG, *flags, "-c", "lamp.bpf.c", "-o", "lamp.bpf.o"))
        code = self.succeed(self.tree.run("/usr/bin/llvm-objdump-19", "-d", "lamp.bpf.o"))
        self.assertIn("call 0x1f000", code)

    def compile_c(self):
        self.tree.write("lamp.c", C)
        flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-I."]
        for source in ("lamp.c", "codegen/gen/tracepoints_gen.c", "codegen/gen/emitters_gen.c", "codegen/gen/helpers_gen.c"):
            self.succeed(self.tree.run(CLANG, *flags, "-c", source, "-o", os.path.basename(source) + ".o"))
        self.assertIn("axb_tp_emit_test_lamp", self.succeed(self.tree.run("/usr/bin/llvm-nm-19", "lamp.c.o")))

    def test_unusual_tracepoints_compile(self):
        self.tree.write("codegen/spec/tracepoints.yaml", UNUSUAL, "a")
        self.succeed(self.tree.update())
        self.succeed(self.tree.generate())
        for target in ("x86_64-none-elf", "aarch64-none-elf"):
            flags = [f"--target={target}", "-ffreestanding", "-std=c11", "-Wall", "-Wextra", "-Werror", "-I."]
            for source in ("codegen/gen/tracepoints_gen.c", "codegen/gen/emitters_gen.c"):
                self.succeed(self.tree.run(CLANG, *flags, "-c", source, "-o", "unusual.o"))
        self.tree.write("unusual.bpf.c", '#include <linux/bpf.h>\n#include "codegen/gen/axebpf.bpf.h"\n')
        flags = ["-target", "bpf", "-Wall", "-Wextra", "-Werror", "-idirafter", "/usr/include/x86_64-linux-gnu", "-I."]
        self.succeed(self.tree.run(CLANG, *flags, "-Wno-unused-variable", "-c", "unusual.bpf.c", "-o", "unusual.bpf.o"))

    def test_fields_are_appended(self):
        path = "codegen/spec/tracepoints.yaml"
        self.tree.write(
            path,
            self.tree.read(path).replace(
                "      irq: {type: u32}\n", "      irq: {type: u32}\n      cpu: {type: u8}\n", 1
            ),
        )
        self.assertIn("+ tracepoint irq:ack 240 ", self.succeed(self.tree.update()))
        self.succeed(self.tree.generate())

    def test_a_changed_layout_is_refused_and_nothing_is_written(self):
        path = "codegen/spec/tracepoints.yaml"
        lock = self.tree.read("codegen/spec/ids.lock")
        self.tree.write(
            path, self.tree.read(path).replace("      irq: {type: u32}\n", "      irq: {type: u64}\n", 1) + TRACEPOINT
        )
        result = self.tree.update()
        self.assertEqual(1, result.returncode)
        self.assertIn(
            "tracepoints.irq:ack.fields.irq: this differs from the locked layout (codegen/spec/ids.lock:", result.stderr
        )
        self.assertIn("Nothing was changed.", result.stderr)
        self.assertEqual(lock, self.tree.read("codegen/spec/ids.lock"))
        self.assertNotIn("test:lamp", self.tree.read("testdata/golden/abi/tracepoints.abi.txt"))


if __name__ == "__main__":
    unittest.main()

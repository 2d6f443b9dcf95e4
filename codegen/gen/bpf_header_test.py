# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The header for BPF programs beside libbpf's: registers of both machines, and calls by id."""

import os
import re
import subprocess
import tempfile
import unittest

CLANG = "/usr/bin/clang-19"
OBJDUMP = "/usr/bin/llvm-objdump-19"
HEADS = {
    "plain": "#include <linux/bpf.h>\n",
    "after the kernel's registers": "#include <linux/bpf.h>\n#include <linux/ptrace.h>\n",
}
INCLUDES = """
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "codegen/gen/axebpf.bpf.h"
"""
REGISTERS = """
SEC("hprobe/f") int BPF_KPROBE(first, int a, int b) { return b; }
SEC("hprobe/f") int second(struct pt_regs *ctx) { return PT_REGS_IP(ctx); }
"""
#: machine -> offsets of the second parameter and of the instruction pointer
OFFSETS = {"x86": (0x68, 0x80), "arm64": (0x8, 0x100)}


def compile_bpf(text, *flags):
    """Disassembly of the program text."""
    with tempfile.TemporaryDirectory() as folder:
        source, output = os.path.join(folder, "p.bpf.c"), os.path.join(folder, "p.o")
        with open(source, "w", encoding="ascii") as stream:
            stream.write(text)
        command = [CLANG, "-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-ffreestanding"]
        # BPF_KPROBE() makes functions that need not use their parameters.
        command += ["-Wno-unused-parameter"]
        command += ["-idirafter", "/usr/include/x86_64-linux-gnu", "-I.", *flags, "-c", source, "-o", output]
        subprocess.run(command, check=True)
        return subprocess.run([OBJDUMP, "-d", output], check=True, capture_output=True, text=True).stdout


class Header(unittest.TestCase):
    def test_registers_lie_where_linux_has_them(self):
        for machine, offsets in OFFSETS.items():
            with self.subTest(machine):
                code = compile_bpf(HEADS["plain"] + INCLUDES + REGISTERS, f"-D__TARGET_ARCH_{machine}")
                found = [int(x, 16) for x in re.findall(r"\*\(u64 \*\)\(r1 \+ (0x[0-9a-f]+)\)", code)]
                self.assertEqual(list(offsets), found, code)

    def test_it_leaves_registers_alone_that_are_defined_already(self):
        compile_bpf(HEADS["after the kernel's registers"] + INCLUDES + REGISTERS, "-D__TARGET_ARCH_x86")

    def test_helpers_are_called_by_id(self):
        program = """
SEC("tracepoint/vcpu/exit") int p(struct axb_tp_ctx_vcpu_exit *ctx)
{
	struct axb_emit event = {.nr_args = 1, .args = {ctx->reason == AXB_EXIT_HVC}};
	char name[16];
	bpf_get_tracepoint_name(ctx->id, name, sizeof(name));
	bpf_emit_event(&event, sizeof(event));
	return bpf_get_current_vm_id() + bpf_get_current_vcpu_id() + bpf_get_exit_reason();
}
"""
        code = compile_bpf(HEADS["plain"] + INCLUDES + program)
        calls = re.findall(r"call (0x[0-9a-f]+)", code)
        self.assertEqual(["0x10003", "0x10004", "0x10000", "0x10001", "0x10002"], calls)


if __name__ == "__main__":
    unittest.main()

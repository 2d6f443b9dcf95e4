# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""bpf_object(): C to an eBPF ELF object; bpf_embed(): the object inside a C library."""

load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//codegen/embed:defs.bzl", "embed_file")

CLANG = "/usr/bin/clang-19"
STRIP = "/usr/bin/llvm-strip-19"

# As libbpf's bpf_tracing.h calls the architectures whose registers a program reads.
_TARGET_ARCH = {
    "": [],
    "aarch64": ["-D__TARGET_ARCH_arm64"],
    "x86_64": ["-D__TARGET_ARCH_x86"],
}

def _bpf_object_impl(ctx):
    raw = ctx.actions.declare_file(ctx.label.name + ".bpf.unstripped.o")
    obj = ctx.actions.declare_file(ctx.label.name + ".bpf.o")
    cc = cc_common.merge_cc_infos(cc_infos = [d[CcInfo] for d in ctx.attr.deps]).compilation_context
    args = ctx.actions.args()
    args.add_all([
        "-target",
        "bpf",
        "-mcpu=" + ctx.attr.mcpu,
        "-O2",
        "-g",
        "-Wall",
        "-Wextra",
        "-Werror",
        # BPF_KPROBE() of bpf_tracing.h leaves parameters unused.
        "-Wno-unused-parameter",
        "-ffreestanding",
        "-fdebug-prefix-map=/proc/self/cwd=.",
        "-fdebug-compilation-dir=.",
    ])

    # linux/types.h wants asm/types.h, which Debian keeps in a per-architecture directory.
    args.add_all(["-idirafter", "/usr/include/x86_64-linux-gnu"])
    args.add_all(cc.quote_includes, before_each = "-iquote")
    args.add_all(cc.includes, before_each = "-I")
    args.add_all(cc.system_includes, before_each = "-isystem")
    args.add_all(_TARGET_ARCH[ctx.attr.target_arch])
    for d in ctx.attr.defines:
        args.add("-D" + d)
    args.add_all(ctx.attr.copts)
    args.add("-c", ctx.file.src)
    args.add("-o", raw)
    ctx.actions.run(
        executable = CLANG,
        arguments = [args],
        inputs = depset([ctx.file.src] + ctx.files.hdrs, transitive = [cc.headers]),
        outputs = [raw],
        mnemonic = "BpfCompile",
        progress_message = "Compiling BPF %s" % ctx.file.src.short_path,
    )

    # Drops DWARF, keeps BTF and BTF.ext.
    ctx.actions.run(
        executable = STRIP,
        arguments = ["-g", "-o", obj.path, raw.path],
        inputs = [raw],
        outputs = [obj],
        mnemonic = "BpfStrip",
    )
    return [
        DefaultInfo(files = depset([obj]), runfiles = ctx.runfiles(files = [obj])),
        OutputGroupInfo(unstripped = depset([raw])),
    ]

bpf_object = rule(
    implementation = _bpf_object_impl,
    doc = "Compiles one C source to <name>.bpf.o with BTF.",
    attrs = {
        "src": attr.label(allow_single_file = [".c"], mandatory = True),
        "hdrs": attr.label_list(allow_files = [".h"]),
        "deps": attr.label_list(
            default = ["//bpf:program", "//codegen/gen:bpf_headers", "@libbpf//:bpf_headers"],
            providers = [CcInfo],
            doc = "cc_library targets: only their headers are used",
        ),
        "defines": attr.string_list(),
        "copts": attr.string_list(),
        "mcpu": attr.string(default = "v3", values = ["v1", "v2", "v3", "v4"]),
        "target_arch": attr.string(
            default = "",
            values = ["", "aarch64", "x86_64"],
            doc = "for programs that read registers",
        ),
    },
)

def bpf_embed(name, object, **kwargs):
    """cc_library with <name>_gen.h: the object's bytes as <name>, their number as <name>_size.

    Args:
      name: of the library and of the array.
      object: a bpf_object().
      **kwargs: of the library.
    """
    embed_file(name = name, src = object, symbol = name, **kwargs)

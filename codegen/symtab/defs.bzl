# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""symbolized_binary(): a cc_binary that carries a blob of its own symbols (runtime/sym/image.h)."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_cc//cc:cc_library.bzl", "cc_library")

def _symtab_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + (".c" if ctx.attr.as_c else ""))
    args = ctx.actions.args()
    args.add("generate")
    inputs = []
    if ctx.attr.elf:
        inputs = [ctx.executable.elf]
        args.add("--elf", ctx.executable.elf)
    elif ctx.attr.nm:
        inputs = [ctx.file.nm]
        args.add("--nm", ctx.file.nm)
    elif ctx.attr.kernel:
        inputs = [ctx.file.kernel]
        args.add("--kernel", ctx.file.kernel)
    else:
        args.add("--empty")
    args.add("--c" if ctx.attr.as_c else "--blob", out)
    ctx.actions.run(
        executable = ctx.executable._symtab,
        arguments = [args],
        inputs = inputs,
        outputs = [out],
        mnemonic = "Symtab",
        progress_message = "Making the symbol blob %s" % out.short_path,
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

_SYMTAB = attr.label(default = "//codegen/symtab", executable = True, cfg = "exec")

symtab = rule(
    implementation = _symtab_impl,
    doc = "The blob of a linked file, of a list as nm prints it, or of a Linux kernel; of none of them: an empty one.",
    attrs = {
        "elf": attr.label(executable = True, cfg = "target"),
        "nm": attr.label(allow_single_file = True),
        "kernel": attr.label(allow_single_file = True, doc = "An arm64 Image or a bzImage; what it has of text."),
        "as_c": attr.bool(doc = "C source that defines axb_symtab_image, else the bytes."),
        "_symtab": _SYMTAB,
    },
)

def _verified_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name)
    args = ctx.actions.args()
    args.add("verify")
    args.add("--elf", ctx.executable.binary)
    args.add("--out", out)
    ctx.actions.run(
        executable = ctx.executable._symtab,
        arguments = [args],
        inputs = [ctx.executable.binary],
        outputs = [out],
        mnemonic = "SymtabVerify",
        progress_message = "Checking the symbols in %s" % out.short_path,
    )
    return [DefaultInfo(files = depset([out]), executable = out, runfiles = ctx.runfiles([out]))]

_verified = rule(
    implementation = _verified_impl,
    attrs = {
        "binary": attr.label(executable = True, cfg = "target", mandatory = True),
        "_symtab": _SYMTAB,
    },
    executable = True,
)

def symbolized_binary(
        name,
        srcs = [],
        deps = [],
        tags = [],
        testonly = False,
        target_compatible_with = [],
        visibility = None,
        **kwargs):
    """Links three times: without symbols; with those of the first link, so that all sizes are final;
    with those of the second. Fails when the third moved anything.

    Args:
      name: of the executable.
      srcs: as cc_binary; compiled for each link, so keep them few.
      deps: as cc_binary.
      tags: as cc_binary.
      testonly: as cc_binary.
      target_compatible_with: as cc_binary.
      visibility: of the executable.
      **kwargs: other arguments of cc_binary: linkopts, additional_linker_inputs ...
    """
    common = {
        "testonly": testonly,
        "target_compatible_with": target_compatible_with,
        "visibility": ["//visibility:private"],
    }
    elf = None
    for i in range(3):
        stage = "%s_link%d" % (name, i)
        symtab(
            name = stage + "_symtab",
            as_c = True,
            elf = elf,
            tags = ["manual"],
            **common
        )
        cc_library(
            name = stage + "_image",
            srcs = [":%s_symtab" % stage],
            alwayslink = True,
            linkstatic = True,
            tags = ["manual"],
            **common
        )
        cc_binary(
            name = stage,
            srcs = srcs,
            deps = deps + [":%s_image" % stage],
            tags = ["manual"],
            **dict(common, **kwargs)
        )
        elf = ":" + stage
    _verified(
        name = name,
        binary = elf,
        tags = tags,
        testonly = testonly,
        target_compatible_with = target_compatible_with,
        visibility = visibility,
    )

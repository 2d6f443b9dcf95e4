# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""symtab_binary(): a cc_binary that holds a table of its own symbols, by a second link."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_cc//cc:cc_library.bzl", "cc_library")

def _tool_impl(ctx):
    out = ctx.actions.declare_file(ctx.attr.out)
    ctx.actions.run(
        executable = ctx.executable._symtab,
        arguments = [ctx.attr.command, ctx.file.elf.path, ctx.attr.start, ctx.attr.end, out.path],
        inputs = [ctx.file.elf],
        outputs = [out],
        mnemonic = "Symtab",
        progress_message = "Symbols of %s (%s)" % (ctx.file.elf.short_path, ctx.attr.command),
    )
    return [DefaultInfo(files = depset([out]))]

_tool = rule(
    implementation = _tool_impl,
    attrs = {
        "command": attr.string(values = ["blob", "check"], mandatory = True),
        "elf": attr.label(allow_single_file = True, mandatory = True),
        "start": attr.string(mandatory = True),
        "end": attr.string(mandatory = True),
        "out": attr.string(mandatory = True),
        "_symtab": attr.label(default = "//codegen/symtab", executable = True, cfg = "exec"),
    },
)

def symtab_binary(name, start, end, deps, testonly = False, target_compatible_with = [], visibility = None, **kwargs):
    """The ELF file <name>, whose section .axb_symbols has a blob for //runtime/sym.

    The linker script puts KEEP(*(.axb_symbols)) behind all that has an address in [start, end), so
    that the second link moves nothing; the build fails if it does.

    Args:
      name: of the file.
      start: symbol at which the table begins; the blob's addresses are relative to it.
      end: symbol at which it ends.
      deps: of the cc_binary.
      testonly: as everywhere.
      target_compatible_with: as everywhere.
      visibility: of the file.
      **kwargs: of the cc_binary.
    """
    common = {"target_compatible_with": target_compatible_with, "testonly": testonly}
    cc_binary(
        name = name + "_first",
        visibility = ["//visibility:private"],
        deps = deps,
        **dict(kwargs, **common)
    )
    _tool(
        name = name + "_blob",
        command = "blob",
        elf = name + "_first",
        start = start,
        end = end,
        out = name + "_symbols_gen.S",
        visibility = ["//visibility:private"],
        **common
    )
    cc_library(
        name = name + "_symbols",
        srcs = [name + "_blob"],
        visibility = ["//visibility:private"],
        alwayslink = True,
        **common
    )
    cc_binary(
        name = name + "_second",
        visibility = ["//visibility:private"],
        deps = deps + [name + "_symbols"],
        **dict(kwargs, **common)
    )
    _tool(
        name = name,
        command = "check",
        elf = name + "_second",
        start = start,
        end = end,
        out = name,
        visibility = visibility,
        **common
    )

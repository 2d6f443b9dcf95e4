# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""embed_file(): a file inside a C library, as a constant array."""

load("@rules_cc//cc:cc_library.bzl", "cc_library")

def _embed_impl(ctx):
    ctx.actions.run(
        executable = ctx.executable._embed,
        arguments = [
            ctx.file.src.path,
            ctx.attr.symbol,
            ctx.outputs.c.path,
            ctx.outputs.h.path,
            ctx.outputs.h.short_path,
        ],
        inputs = [ctx.file.src],
        outputs = [ctx.outputs.c, ctx.outputs.h],
        mnemonic = "EmbedFile",
        progress_message = "Embedding %s" % ctx.file.src.short_path,
    )
    return [DefaultInfo(files = depset([ctx.outputs.c, ctx.outputs.h]))]

_embed = rule(
    implementation = _embed_impl,
    attrs = {
        "src": attr.label(allow_single_file = True, mandatory = True),
        "symbol": attr.string(mandatory = True),
        "c": attr.output(mandatory = True),
        "h": attr.output(mandatory = True),
        "_embed": attr.label(default = "//codegen/embed", executable = True, cfg = "exec"),
    },
)

def embed_file(name, src, symbol, **kwargs):
    """A cc_library with the bytes of a file; its header is <package>/<name>_gen.h.

    Args:
      name: of the library.
      src: the file.
      symbol: defines `const uint8_t symbol[]`, 64-aligned, and `const size_t symbol_size`.
      **kwargs: of the library: visibility and so on.
    """
    _embed(
        name = name + "_sources",
        src = src,
        symbol = symbol,
        c = name + "_gen.c",
        h = name + "_gen.h",
        # By way of the library only: aspects of the command line cannot skip what does not fit the
        # platform.
        tags = ["manual"],
        visibility = ["//visibility:private"],
    )
    cc_library(
        name = name,
        srcs = [name + "_gen.c"],
        hdrs = [name + "_gen.h"],
        **kwargs
    )

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""spec_outputs(): everything that the generator makes of the spec, by one action."""

def _spec_outputs_impl(ctx):
    abi = [ctx.actions.declare_file("abi/%s.abi.txt" % name) for name in ctx.attr.abi]
    formats = ctx.actions.declare_directory("formats")
    outs = ctx.outputs.outs
    args = ctx.actions.args()
    args.add("--spec", ctx.file.spec)
    args.add("--templates", ctx.files.templates[0].path.rsplit("/", 2)[0])
    args.add("--out", outs[0].dirname)
    args.add("--abi", abi[0].dirname)
    args.add("--formats", formats.path)
    ctx.actions.run(
        executable = ctx.executable._generator,
        arguments = [args],
        inputs = [ctx.file.spec] + ctx.files.parts + ctx.files.templates,
        outputs = outs + abi + [formats],
        mnemonic = "GenerateFromSpec",
        progress_message = "Generating from %s" % ctx.file.spec.short_path,
    )
    return [
        DefaultInfo(files = depset(outs)),
        OutputGroupInfo(
            formats = depset([formats]),
            **{"abi_" + name: depset([file]) for name, file in zip(ctx.attr.abi, abi)}
        ),
    ]

spec_outputs = rule(
    implementation = _spec_outputs_impl,
    attrs = {
        "spec": attr.label(allow_single_file = [".yaml"], mandatory = True, doc = "The root file."),
        "parts": attr.label_list(allow_files = True, mandatory = True, doc = "Its parts and ids.lock."),
        "templates": attr.label_list(allow_files = [".j2"], mandatory = True),
        "outs": attr.output_list(mandatory = True, doc = "The generated files that are not in a folder."),
        "abi": attr.string_list(mandatory = True, doc = "Layout texts; output groups abi_<name>."),
        "_generator": attr.label(default = "//codegen/generator", executable = True, cfg = "exec"),
    },
)

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""optimized(): a binary built with -c opt whatever the command line says."""

def _opt_impl(_settings, _attr):
    return {"//command_line_option:compilation_mode": "opt"}

_opt = transition(
    implementation = _opt_impl,
    inputs = [],
    outputs = ["//command_line_option:compilation_mode"],
)

def _optimized_impl(ctx):
    target = ctx.attr.binary[0]
    out = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(
        output = out,
        target_file = target[DefaultInfo].files_to_run.executable,
        is_executable = True,
    )
    return [DefaultInfo(
        files = depset([out]),
        executable = out,
        runfiles = target[DefaultInfo].default_runfiles,
    )]

_ATTRS = {
    "binary": attr.label(cfg = _opt, mandatory = True),
    "_allowlist_function_transition": attr.label(
        default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
    ),
}

optimized = rule(implementation = _optimized_impl, attrs = _ATTRS, executable = True)

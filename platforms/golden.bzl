# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""golden(): compares a built file with its checked-in copy; `bazel run <name>.accept` takes the new one."""

load("@rules_shell//shell:sh_binary.bzl", "sh_binary")
load("@rules_shell//shell:sh_test.bzl", "sh_test")

def golden(name, actual, expected, tags = [], **kwargs):
    """A test that fails with the difference, and <name>.accept, which rewrites the checked-in file.

    Args:
      name: of the test.
      actual: label of the built file.
      expected: label of the checked-in file, "//testdata/golden/...:x.txt".
      tags: more tags; "golden" is always there.
      **kwargs: of both targets.
    """
    args = [
        "$(rootpath %s)" % actual,
        "$(rootpath %s)" % expected,
        "//%s:%s.accept" % (native.package_name(), name),
    ]
    sh_test(
        name = name,
        size = "small",
        srcs = ["//platforms:golden.sh"],
        args = ["check"] + args,
        data = [actual, expected],
        tags = tags + ["golden"],
        **kwargs
    )
    sh_binary(
        name = name + ".accept",
        srcs = ["//platforms:golden.sh"],
        args = ["accept"] + args,
        data = [actual, expected],
        tags = tags,
        **kwargs
    )

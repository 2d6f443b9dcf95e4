# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""initrd(): an initrd of files, reproducible."""

def initrd(name, files, **kwargs):
    """Makes <name>.gz.

    Args:
      name: of the target.
      files: label of each file -> its path in the initrd.
      **kwargs: visibility and so on.
    """
    native.genrule(
        name = name,
        srcs = files.keys(),
        outs = [name + ".gz"],
        cmd = "$(location //platforms/reference/linux_guest:make_initrd) $@ " +
              " ".join(["%s=$(location %s)" % (path, label) for label, path in files.items()]),
        tools = ["//platforms/reference/linux_guest:make_initrd"],
        **kwargs
    )

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""bazel run //platforms/aarch64_qemu:run -- [KEY=VALUE...]: the hypervisor with its shell on this terminal."""

import os
import sys

from platforms.aarch64_qemu import qemu

ELF = "platforms/aarch64_qemu/hypervisor.elf"


def main(options):
    elf = os.path.abspath(ELF)
    # Files that options name are where the user is.
    os.chdir(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    print('Type "trace help"; "exit" ends.', flush=True)
    command = qemu.command(elf, ["stay=1", "rounds=1000000", "period_us=20000"] + options)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""bazel run //platforms/x86_64_qemu:run -- [KEY=VALUE...]: the hypervisor with its shell on this terminal."""

import os
import subprocess
import sys

from platforms.x86_64_qemu import qemu

ELF = "platforms/x86_64_qemu/hypervisor.elf"


def main(options):
    elf = os.path.abspath(ELF)
    vms = qemu.package_file(qemu.small_vms(elf, rounds=1000000, period_us=20000))
    print('Type "trace help"; "exit" ends.', flush=True)
    return qemu.status_of(subprocess.call(qemu.command(elf, ["stay=1"] + options, vms=vms)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

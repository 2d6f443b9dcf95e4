# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""bazel run //platforms:size: what axebpf adds to each reference hypervisor, in bytes.

Each is linked without axebpf, with tracepoints only, and with all of it. Per CPU is the memory that axebpf takes from the block given
at its start for each further CPU, with the rings as the hypervisors configure them.
"""

import subprocess
import sys

from platforms.size import elf

VARIANTS = (("off", "without axebpf"), ("tracepoints", "tracepoints"), ("", "all"))
ARCHITECTURES = ("aarch64", "x86_64")
ELF = "platforms/{arch}_qemu/hypervisor{variant}.elf"
PER_CPU = "platforms/size/per_cpu"


def per_cpu():
    """Bytes per CPU of each variant."""
    out = subprocess.run([PER_CPU], check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict((name, int(value)) for name, value in (line.split() for line in out.splitlines()))


def rows():
    """(architecture, variant, text, data, bss, per CPU) of each binary."""
    memory = per_cpu()
    for arch in ARCHITECTURES:
        for variant, title in VARIANTS:
            path = ELF.format(arch=arch, variant="_" + variant if variant else "")
            with open(path, "rb") as file:
                sizes = elf.sizes(file.read())
            yield (arch, title, *sizes, memory.get(variant or "all", 0))


def table():
    lines = [f"{'':8} {'':15} {'text':>9} {'data':>9} {'bss':>9} {'per CPU':>9}"]
    base = None
    for arch, title, *sizes in rows():
        lines.append(f"{arch:8} {title:15} " + " ".join(f"{size:9}" for size in sizes))
        if title == VARIANTS[0][1]:
            base = sizes
        else:
            lines.append(f"{'':8} {'  more':15} " + " ".join(f"{size - b:9}" for size, b in zip(sizes, base)))
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
    sys.exit(0)

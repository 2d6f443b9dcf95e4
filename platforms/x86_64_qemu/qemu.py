# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Starts the hypervisor in QEMU: the one place that knows the command line."""

import os

from platforms.reference import machine
from platforms.reference import package

package_file = machine.package_file

# Of an EPYC's features those that TCG has not: it would say so on each start.
_WITHOUT = ("rdseed", "sha-ni", "fxsr-opt", "misalignsse", "3dnowprefetch", "osvw", "topoext", "nrip-save", "xsavec")

MACHINE = [
    "qemu-system-x86_64",
    "-accel", "tcg",
    "-M", "q35",
    "-cpu", ",".join(["EPYC"] + [feature + "=off" for feature in _WITHOUT]),
    "-smp", "2",
    "-m", "2G",
    "-nic", "none",
    "-display", "none",
    "-monitor", "none",
    "-serial", "stdio",
    "-no-reboot",
    "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
]

# Virtual time is the number of instructions: the same run every time, timestamps included.
DETERMINISTIC = [
    "-icount", "shift=0,sleep=off",
    "-rtc", "base=2024-01-01,clock=vm",
    "-seed", "1",
]


def small_vms(elf, rounds=100, period_us=1000):
    """The small guests that were built with `elf`."""
    vms = []
    for vm_id, name in enumerate(("caller", "toucher"), 1):
        with open(os.path.join(os.path.dirname(elf), "guests", name + ".bin"), "rb") as file:
            vms.append(package.small_vm("x86_64", vm_id, name, file.read(), rounds, period_us * 1000))
    return vms


def command(elf, options=(), deterministic=False, vms=None, memory=None):
    """The command that boots `elf` with words "key=value" (no spaces) as its options, the VMs of package file `vms`, and
    the file `memory` as memory shared with it, for its stream."""
    words = list(options) + (["stream=shared"] if memory else [])
    out = MACHINE + (DETERMINISTIC if deterministic else []) + ["-kernel", elf, "-append", " ".join(words)]
    if vms:
        out += ["-device", f"loader,file={vms},addr={package.ADDRESS['x86_64']:#x},force-raw=on"]
    if memory:
        out += ["-object", f"memory-backend-file,id=shared,share=on,mem-path={memory},size={machine.SHARED_MEMORY}",
                "-device", "ivshmem-plain,memdev=shared"]
    return out


def status_of(returncode):
    """What the hypervisor gave to isa-debug-exit."""
    return returncode >> 1 if returncode > 0 and returncode & 1 else -1


def start(elf, vms, options=(), files=None, stream=None, deterministic=False, cwd=None):
    """The hypervisor with these VMs and the files of its package; its stream goes to the file `stream`."""
    memory = machine.shared_memory() if stream else None
    arguments = command(elf, options, deterministic, package_file(vms, files), memory)
    return machine.Machine(arguments, status_of, cwd, memory, stream)


def run(elf, options=(), deterministic=False, timeout=60, vms=None, stream=None, extra=()):
    """Boots and waits for the end: exit status and console text; the stream goes to the file `stream`. Raises
    TimeoutExpired."""
    memory = machine.shared_memory() if stream else None
    hypervisor = machine.Machine(command(elf, options, deterministic, vms, memory) + list(extra), status_of, None, memory, stream)
    try:
        data, _ = hypervisor.process.communicate(timeout=timeout)
        return hypervisor.end(), data.decode("ascii", "replace").replace("\r\n", "\n")
    finally:
        hypervisor.kill()

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Starts the hypervisor in QEMU: the one place that knows the command line."""

import os
import subprocess
import tempfile

from platforms.reference import package

MACHINE = [
    "qemu-system-x86_64",
    "-accel", "tcg",
    "-M", "q35",
    "-cpu", "EPYC",
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

# What TCG says of the features of an EPYC that it does not have.
_NOISE = "TCG doesn't support requested feature"

_files = []


def small_vms(elf, rounds=100, period_us=1000):
    """The small guests that were built with `elf`."""
    vms = []
    for vm_id, name in enumerate(("caller", "toucher"), 1):
        with open(os.path.join(os.path.dirname(elf), "guests", name + ".bin"), "rb") as file:
            vms.append(package.small_vm("x86_64", vm_id, name, file.read(), rounds, period_us * 1000))
    return vms


def package_file(vms, files=None):
    """A package as a temporary file, which goes with us: its path."""
    _files.append(tempfile.NamedTemporaryFile(prefix="axebpf-"))
    package.write(_files[-1].name, vms, files)
    return _files[-1].name


def command(elf, options=(), deterministic=False, vms=None):
    """The command that boots `elf` with words "key=value" (no spaces) as its options, and the VMs of package file `vms`."""
    out = MACHINE + (DETERMINISTIC if deterministic else []) + ["-kernel", elf, "-append", " ".join(options)]
    if vms:
        out += ["-device", f"loader,file={vms},addr={package.ADDRESS['x86_64']:#x},force-raw=on"]
    return out


def status_of(returncode):
    """What the hypervisor gave to isa-debug-exit."""
    return returncode >> 1 if returncode > 0 and returncode & 1 else -1


def run(elf, options=(), deterministic=False, timeout=60, vms=None):
    """Boots and waits for the end: exit status and console text. Raises TimeoutExpired."""
    done = subprocess.run(
        command(elf, options, deterministic, vms), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=timeout, check=False)
    text = done.stdout.decode("ascii", "replace").replace("\r\n", "\n")
    lines = [line for line in text.split("\n") if _NOISE not in line]
    return status_of(done.returncode), "\n".join(lines)

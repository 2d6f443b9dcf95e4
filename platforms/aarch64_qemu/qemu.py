# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Starts the hypervisor in QEMU: the one place that knows the command line."""

import os
import struct
import subprocess
import tempfile

MACHINE = [
    "qemu-system-aarch64",
    "-M", "virt,virtualization=on,gic-version=3,dtb-randomness=off",
    "-cpu", "cortex-a72",
    "-smp", "4",
    "-m", "2G",
    "-nic", "none",
    "-display", "none",
    "-monitor", "none",
    "-serial", "stdio",
]

# Virtual time is the number of instructions: the same run every time, timestamps included.
DETERMINISTIC = [
    "-icount", "shift=0,sleep=off",
    "-rtc", "base=2024-01-01,clock=vm",
    "-seed", "1",
]


PACKAGE_ADDRESS = 0x50000000
RAM_BASE = 0x40000000
SMALL_RAM_SIZE = 0x2000000
# Starts by itself, its status counts, has the test device (package.h).
SMALL_FLAGS = 7
_files = []


def small_package(elf, rounds, period_us):
    """A package (package.h) of the small guests that were built with `elf`: path of a file that goes with us."""
    header, vm_size = 48, 336
    names = ["caller", "toucher"]
    offset = header + vm_size * len(names)
    vms, pieces = b"", b""
    for number, name in enumerate(names, 1):
        with open(os.path.join(os.path.dirname(elf), "guests", name + ".bin"), "rb") as file:
            image = file.read()
        vms += struct.pack(
            "<32s2I12Q2I3Q", name.encode(), SMALL_FLAGS, 1, RAM_BASE, SMALL_RAM_SIZE, RAM_BASE, number, rounds,
            period_us * 1000, *[0] * 6, 1, 0, offset + len(pieces), len(image), RAM_BASE).ljust(vm_size, b"\0")
        pieces += image + bytes(-len(image) % 8)
    package = tempfile.NamedTemporaryFile(prefix="axebpf-")
    package.write(struct.pack("<4s4sQ2I3Q", b"AXBV", b"MPK1", offset + len(pieces), len(names), 0, header, header, 0))
    package.write(vms + pieces)
    package.flush()
    _files.append(package)
    return package.name


def command(elf, options=(), deterministic=False):
    """The command that boots `elf` with words "key=value" (no spaces) as its options. rounds=N and period_us=N say what
    the small guests do."""
    given = {key: int(value) for key, _, value in (word.partition("=") for word in options)
             if key in ("rounds", "period_us")}
    package = small_package(elf, given.get("rounds", 100), given.get("period_us", 1000))
    options = [word for word in options if word.partition("=")[0] not in given] or ["stay=0"]
    words = "".join(",arg=" + word.replace(",", ",,") for word in options)
    return (MACHINE + (DETERMINISTIC if deterministic else []) +
            ["-device", f"loader,file={package},addr={PACKAGE_ADDRESS:#x},force-raw=on"] +
            ["-semihosting-config", "enable=on,target=native" + words, "-kernel", elf])


def run(elf, options=(), deterministic=False, timeout=60, cwd=None):
    """Boots and waits for the end: exit status and console text. Raises TimeoutExpired."""
    done = subprocess.run(
        command(elf, options, deterministic), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=timeout, cwd=cwd, check=False)
    return done.returncode, done.stdout.decode("ascii", "replace").replace("\r\n", "\n")

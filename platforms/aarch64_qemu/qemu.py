# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Starts the hypervisor in QEMU: the one place that knows the command line."""

import os
import subprocess

from platforms.reference import machine
from platforms.reference import package

package_file = machine.package_file

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


def small_vms(elf, rounds=100, period_us=1000, guests=("caller", "toucher")):
    """Small guests that were built with `elf`."""
    vms = []
    for vm_id, name in enumerate(guests, 1):
        with open(os.path.join(os.path.dirname(elf), "guests", name + ".bin"), "rb") as file:
            vms.append(package.small_vm("aarch64", vm_id, name, file.read(), rounds, period_us * 1000))
    return vms


def command(elf, options=(), deterministic=False, vms=None):
    """The command that boots `elf` with words "key=value" (no spaces) as its options, and the VMs of package file `vms`;
    without one the small guests, with rounds=N and period_us=N."""
    given = {key: int(value) for key, _, value in (word.partition("=") for word in options)
             if key in ("rounds", "period_us")}
    vms = vms or package_file(small_vms(elf, **given))
    options = [word for word in options if word.partition("=")[0] not in given] or ["stay=0"]
    words = "".join(",arg=" + word.replace(",", ",,") for word in options)
    return (MACHINE + (DETERMINISTIC if deterministic else []) +
            ["-device", f"loader,file={vms},addr={package.ADDRESS['aarch64']:#x},force-raw=on",
             "-semihosting-config", "enable=on,target=native" + words, "-kernel", elf])


def start(elf, vms, options=(), files=None, stream=None, deterministic=False, cwd=None):
    """The hypervisor with these VMs and the files of its package; its stream goes to the file `stream`."""
    words = list(options) + (["stream=" + os.path.abspath(stream)] if stream else [])
    arguments = command(elf, words, deterministic, package_file(vms, files))
    return machine.Machine(arguments, lambda status: status, cwd)


def run(elf, options=(), deterministic=False, timeout=60, cwd=None, vms=None, extra=()):
    """Boots and waits for the end: exit status and console text. Raises TimeoutExpired."""
    done = subprocess.run(
        command(elf, options, deterministic, vms) + list(extra), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=timeout, cwd=cwd, check=False)
    return done.returncode, done.stdout.decode("ascii", "replace").replace("\r\n", "\n")

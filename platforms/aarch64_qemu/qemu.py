# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Starts the hypervisor in QEMU: the one place that knows the command line."""

import subprocess

MACHINE = [
    "qemu-system-aarch64",
    "-M", "virt,virtualization=on,gic-version=3,dtb-randomness=off",
    "-cpu", "cortex-a72",
    "-smp", "2",
    "-m", "256",
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


def command(elf, options=(), deterministic=False):
    """The command that boots `elf` with words "key=value" (no spaces) as its options."""
    words = "".join(",arg=" + word.replace(",", ",,") for word in options)
    return (MACHINE + (DETERMINISTIC if deterministic else []) +
            ["-semihosting-config", "enable=on,target=native" + words, "-kernel", elf])


def run(elf, options=(), deterministic=False, timeout=60, cwd=None):
    """Boots and waits for the end: exit status and console text. Raises TimeoutExpired."""
    done = subprocess.run(
        command(elf, options, deterministic), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=timeout, cwd=cwd, check=False)
    return done.returncode, done.stdout.decode("ascii", "replace").replace("\r\n", "\n")

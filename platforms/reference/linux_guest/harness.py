# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""A Linux guest on a reference hypervisor, beside two small guests; and the same kernel directly on QEMU."""

import argparse
import dataclasses
import os
import re
import threading

from platforms.aarch64_qemu import qemu as aarch64_qemu
from platforms.reference import machine
from platforms.reference import package
from platforms.x86_64_qemu import qemu as x86_64_qemu

TIMEOUT_S = 120
RAM = 512 << 20
SMALL_ROUNDS, SMALL_PERIOD_US = 100, 5000
LINUX_ID = 3
KASLR_SEED = 0x0123456789ABCDEF


@dataclasses.dataclass
class Architecture:
    """What differs; `outside` is no memory and no device on either machine. Kernels boot with `unusual` words too."""
    qemu: object
    direct: list
    console: str
    outside: int
    outside_line: str
    outside_line_directly: str
    unusual: str


ARCHITECTURES = {
    "aarch64": Architecture(
        aarch64_qemu, ["qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", "cortex-a72"], "ttyAMA0",
        0x0F000000, "outside: 1 SIGBUS", "outside: 1 SIGBUS",
        "irqchip.gicv3_pseudo_nmi=1 nohz=off"),
    "x86_64": Architecture(
        x86_64_qemu, ["qemu-system-x86_64", "-accel", "tcg", "-M", "q35", "-cpu", "EPYC"], "ttyS0",
        # An open bus; QEMU's reads as 0.
        0x80000000, "outside: 4294967295 was read", "outside: 0 was read",
        "nox2apic nohz=off"),
}


class Guest:
    """Kernel, initrd and hypervisor of a test, as its command line names them."""

    def __init__(self, arguments):
        parser = argparse.ArgumentParser()
        parser.add_argument("--arch", choices=ARCHITECTURES, required=True)
        for name in ("hypervisor", "kernel", "initrd"):
            parser.add_argument("--" + name, type=os.path.abspath, required=True)
        parser.add_argument("--symbols", type=os.path.abspath)
        self.options = parser.parse_args(arguments)
        self.arch = ARCHITECTURES[self.options.arch]
        self.kernel, self.initrd = self._read(self.options.kernel), self._read(self.options.initrd)
        self.symbols = self._read(self.options.symbols) if self.options.symbols else b""

    @staticmethod
    def _read(path):
        with open(path, "rb") as file:
            return file.read()

    def command_line(self, run, kaslr=False, words=""):
        words = ["console=" + self.arch.console, "quiet"] + words.split()
        return " ".join(words + ([] if kaslr else ["nokaslr"]) + (["axb.run=" + run] if run else []))

    def vms(self, run, vcpus=1, kaslr=False, rounds=SMALL_ROUNDS, words=""):
        out = self.arch.qemu.small_vms(self.options.hypervisor, rounds, SMALL_PERIOD_US)
        seed = KASLR_SEED if kaslr and self.options.arch == "aarch64" else None
        out.append(package.linux_vm(self.options.arch, self.kernel, self.initrd, self.command_line(run, kaslr, words),
                                    vcpus, RAM, self.symbols, seed))
        return out

    def boot(self, vms, files=None, options=(), timeout_s=TIMEOUT_S, **kwargs):
        """A running hypervisor; "begin" and "end" of `files` are the scripts of its shell."""
        words = ["stay=0", f"console={LINUX_ID}"]
        words += [f"{key}={name}" for key, name in (("script", "begin"), ("finish", "end")) if name in (files or {})]
        return Session(self.arch.qemu.start(self.options.hypervisor, vms, words + list(options), files, **kwargs),
                       timeout_s)

    def run(self, vms, files=None, **kwargs):
        """Status and console of the hypervisor, to its end."""
        with self.boot(vms, files, **kwargs) as session:
            return session.wait()

    def run_directly(self, run, vcpus):
        command = self.arch.direct + [
            "-smp", str(vcpus), "-m", str(RAM >> 20), "-nic", "none", "-display", "none", "-monitor", "none",
            "-serial", "stdio", "-no-reboot", "-kernel", self.options.kernel, "-initrd", self.options.initrd,
            "-append", self.command_line(run)]
        with Session(machine.Machine(command, lambda status: status), TIMEOUT_S) as session:
            return session.wait()[1]


class Session:
    """A machine with its serial line. It ends with the block, too late, or when the guest's kernel panics."""

    def __init__(self, machine_, timeout_s):
        self.machine, self.text = machine_, ""
        self.timer = threading.Timer(timeout_s, self.machine.process.kill)
        self.timer.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.timer.cancel()
        self.machine.kill()

    def until(self, wanted):
        """Reads until the text ends so, or the machine does; the text since the last time."""
        start = len(self.text)
        while wanted is None or not self.text.endswith(wanted, start):
            char = self.machine.process.stdout.read(1).decode("ascii", "replace")
            if not char:
                break
            self.text += char.replace("\r", "")
            if char == "\n" and "Kernel panic" in self.text[-200:]:
                self.machine.process.kill()
        return self.text[start:]

    def type(self, keys):
        self.machine.type(keys)

    def wait(self):
        """Status and all of the text."""
        self.until(None)
        return self.machine.end(), self.text


def sections(text):
    """What the user saw of each thing that axb.run asked for: {name: lines}; messages of the kernel left out."""
    out, lines = {}, None
    for line in text.split("\n"):
        done = re.fullmatch("guest: (.*) done", line)
        if line == "guest: Linux is up":
            lines = []
        elif done and lines is not None:
            out[done.group(1)], lines = lines, []
        elif lines is not None and not re.match(r"\[ *\d+\.\d+\]", line):
            lines.append(line)
    return out


def exits(text):
    """{vm name: {reason: count}} of the final report."""
    vms, counts = {}, None
    for line in text.split("\n"):
        name = re.match(r"vm\d+ \((.*)\) ", line)
        count = re.fullmatch(r"  (\S+) +(\d+)", line)
        if name:
            counts = vms.setdefault(name.group(1), {})
        elif count and counts is not None:
            counts[count.group(1)] = int(count.group(2))
    return vms

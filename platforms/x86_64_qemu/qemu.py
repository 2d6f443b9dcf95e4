# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Starts the hypervisor in QEMU: the one place that knows the command line."""

import os
import subprocess

from platforms.reference import machine
from platforms.reference import package
from platforms.reference import shmring

package_file = machine.package_file

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

def small_vms(elf, rounds=100, period_us=1000):
    """The small guests that were built with `elf`."""
    vms = []
    for vm_id, name in enumerate(("caller", "toucher"), 1):
        with open(os.path.join(os.path.dirname(elf), "guests", name + ".bin"), "rb") as file:
            vms.append(package.small_vm("x86_64", vm_id, name, file.read(), rounds, period_us * 1000))
    return vms


def command(elf, options=(), deterministic=False, vms=None):
    """The command that boots `elf` with words "key=value" (no spaces) as its options, and the VMs of package file `vms`."""
    out = MACHINE + (DETERMINISTIC if deterministic else []) + ["-kernel", elf, "-append", " ".join(options)]
    if vms:
        out += ["-device", f"loader,file={vms},addr={package.ADDRESS['x86_64']:#x},force-raw=on"]
    if shared:
        out += ["-object", f"memory-backend-file,id=stream,share=on,mem-path={shared},size={os.path.getsize(shared)}",
                "-device", "ivshmem-plain,memdev=stream"]
    return out


class Stream:
    """The hypervisor's stream: `shared` is for command(), and what it writes there goes to the file `path`."""

    def __init__(self, path, size=STREAM_SIZE):
        directory = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self._file = tempfile.NamedTemporaryFile(prefix="axebpf-", dir=directory)
        self._file.truncate(size)
        self.shared = self._file.name
        self._copier = shmring.Copier(self.shared, path)

    def stop(self):
        """QEMU has ended: take the rest."""
        self._copier.stop()
        self._file.close()


def status_of(returncode):
    """What the hypervisor gave to isa-debug-exit."""
    return returncode >> 1 if returncode > 0 and returncode & 1 else -1


def start(elf, vms, options=(), files=None, stream=None, deterministic=False, cwd=None):
    """The hypervisor with these VMs and the files of its package; its stream goes to the file `stream`."""
    memory = machine.shared_memory() if stream else None
    words = list(options) + (["stream=shared"] if stream else [])
    arguments = command(elf, words, deterministic, package_file(vms, files))
    if memory:
        arguments += ["-object", f"memory-backend-file,id=shared,share=on,mem-path={memory},size={machine.SHARED_MEMORY}",
                      "-device", "ivshmem-plain,memdev=shared"]
    return machine.Machine(arguments, status_of, cwd, memory, stream)


def run(elf, options=(), deterministic=False, timeout=60, vms=None):
    """Boots and waits for the end: exit status and console text. Raises TimeoutExpired."""
    done = subprocess.run(
        command(elf, options, deterministic, vms), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=timeout, check=False)
    text = done.stdout.decode("ascii", "replace").replace("\r\n", "\n")
    lines = [line for line in text.split("\n") if _NOISE not in line]
    return status_of(done.returncode), "\n".join(lines)

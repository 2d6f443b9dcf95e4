# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Starts the hypervisor in QEMU: the one place that knows the command line."""

import os
import subprocess
import tempfile

from platforms.reference import package
from platforms.reference import shmring

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

# Of the memory that is shared with the host. Half of it is the ring, of which 8 MiB stay free; a run whose stream fits waits for
# nobody, so it is the same each time.
STREAM_SIZE = 64 << 20

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


def command(elf, options=(), deterministic=False, vms=None, shared=None):
    """The command that boots `elf` with words "key=value" (no spaces) as its options, the VMs of package file `vms`, and
    file `shared` as memory that is shared with it (stream=1 then)."""
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
        self._reader = shmring.Reader(self.shared, path)
        self._reader.start()

    def stop(self):
        """QEMU has ended: take the rest."""
        self._reader.stop()
        self._file.close()


def status_of(returncode):
    """What the hypervisor gave to isa-debug-exit."""
    return returncode >> 1 if returncode > 0 and returncode & 1 else -1


def run(elf, options=(), deterministic=False, timeout=60, vms=None, stream=None):
    """Boots and waits for the end: exit status and console text; the stream goes to file `stream`. Raises TimeoutExpired."""
    writer = Stream(stream) if stream else None
    try:
        done = subprocess.run(
            command(elf, list(options) + (["stream=1"] if stream else []), deterministic, vms,
                    writer.shared if writer else None),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, check=False)
    finally:
        if writer:
            writer.stop()
    text = done.stdout.decode("ascii", "replace").replace("\r\n", "\n")
    lines = [line for line in text.split("\n") if _NOISE not in line]
    return status_of(done.returncode), "\n".join(lines)

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Writes VM packages (package.h), and the virtual machines of the reference hypervisors to put into them."""

import dataclasses
import struct

from platforms.reference import linux

MAGIC = 0x314B504D56425841
HEADER = struct.Struct("<QQIIQQQ")
VM = struct.Struct("<32sIIQQQ4QQQQQQII")
PIECE = struct.Struct("<QQQ")
FILE = struct.Struct("<32sQQ")
VMS_MAX, FILES_MAX, VCPUS_MAX, PIECES_MAX, NAME_MAX = 8, 32, 4, 8, 31
BLOCK = 2 << 20
ALIGNMENT = 4096
START, CHECKED, DEVICE = 1, 2, 4

# Where -device loader puts the package, and where RAM of a small guest begins.
ADDRESS = {"aarch64": 0x50000000, "x86_64": 0x40000000}
SMALL_RAM = {"aarch64": 0x40000000, "x86_64": 0x200000}
SMALL_RAM_SIZE = 32 << 20
# On x86_64 the first pages of a small guest's image are its page tables.
SMALL_ENTRY_OFFSET = {"aarch64": 0, "x86_64": 0x2000}


class PackageError(Exception):
    """What cannot be packed, and why."""


@dataclasses.dataclass
class Vm:
    """A virtual machine; pieces are (guest physical address, bytes)."""
    name: str
    flags: int
    vcpus: int
    ram_base: int
    ram_size: int
    entry: int
    args: tuple = (0, 0, 0, 0)
    root: int = 0
    pieces: list = dataclasses.field(default_factory=list)
    symbols: bytes = b""
    command_line: str = ""


def small_vm(arch, vm_id, name, image, rounds, period_ns):
    """A small in-tree guest: image is its flat binary."""
    base = SMALL_RAM[arch]
    return Vm(name, START | CHECKED | DEVICE, 1, base, SMALL_RAM_SIZE, base + SMALL_ENTRY_OFFSET[arch],
              (vm_id, rounds, period_ns, 0), base if arch == "x86_64" else 0, [(base, image)])


def linux_vm(arch, kernel, initrd, command_line, vcpus=1, ram_size=512 << 20, symbols=b"", kaslr_seed=None,
             name="linux", start=True):
    """A Linux kernel as its package has it: Image (arm64) or bzImage (x86_64)."""
    try:
        guest = linux.guest(arch, kernel, initrd, command_line, vcpus, ram_size, kaslr_seed)
    except linux.LinuxError as error:
        raise PackageError(f"{name}: {error}") from error
    return Vm(name, START if start else 0, vcpus, guest.ram_base, ram_size, guest.entry, guest.args, guest.root,
              guest.pieces, symbols, command_line)


def _check_name(name, others):
    encoded = name.encode("ascii", "replace")
    if not 1 <= len(encoded) <= NAME_MAX or b"?" in encoded or b"\0" in encoded:
        raise PackageError(f"{name!r}: a name has 1 to {NAME_MAX} ASCII characters")
    if name in others:
        raise PackageError(f"{name!r}: two of this name")
    others.add(name)


def _check_pieces(vm):
    if len(vm.pieces) > PIECES_MAX:
        raise PackageError(f"{vm.name}: {len(vm.pieces)} pieces, at most {PIECES_MAX}")
    end = vm.ram_base
    for gpa, data in sorted(vm.pieces, key=lambda piece: piece[0]):
        if gpa < end:
            raise PackageError(f"{vm.name}: the piece at {gpa:#x} overlaps another or lies below RAM")
        end = gpa + len(data)
        if end > vm.ram_base + vm.ram_size:
            raise PackageError(f"{vm.name}: the piece at {gpa:#x} ends behind RAM")


def _check(vms, files):
    for what, count, most in (("virtual machines", len(vms), VMS_MAX), ("files", len(files), FILES_MAX)):
        if count > most:
            raise PackageError(f"{count} {what}, at most {most}")
    names = set()
    for vm in vms:
        _check_name(vm.name, names)
        if not 1 <= vm.vcpus <= VCPUS_MAX:
            raise PackageError(f"{vm.name}: {vm.vcpus} vCPUs, from 1 to {VCPUS_MAX}")
        if vm.ram_base % BLOCK or vm.ram_size % BLOCK or not vm.ram_size:
            raise PackageError(f"{vm.name}: RAM of {vm.ram_size:#x} bytes at {vm.ram_base:#x} is not in units of 2 MiB")
        if not vm.ram_base <= vm.entry < vm.ram_base + vm.ram_size:
            raise PackageError(f"{vm.name}: the entry {vm.entry:#x} is not in RAM")
        _check_pieces(vm)
    names = set()
    for name in files:
        _check_name(name, names)


class _Data:
    """What tables point at; add() gives the place in the package."""

    def __init__(self, start):
        self.at, self.parts = start + (-start % ALIGNMENT), []
        self.parts.append(b"\0" * (self.at - start))

    def add(self, data):
        place = self.at
        padded = bytes(data) + b"\0" * (-len(data) % ALIGNMENT)
        self.parts.append(padded)
        self.at += len(padded)
        return place if data else 0


def _vm_entry(vm, data):
    pieces = b"".join(PIECE.pack(data.add(content), len(content), gpa) for gpa, content in vm.pieces)
    command_line = vm.command_line.encode("ascii", "replace")
    return VM.pack(vm.name.encode("ascii"), vm.flags, vm.vcpus, vm.ram_base, vm.ram_size, vm.entry, *vm.args, vm.root,
                   data.add(vm.symbols), len(vm.symbols), data.add(command_line), len(command_line), len(vm.pieces),
                   0) + pieces.ljust(PIECES_MAX * PIECE.size, b"\0")


def pack(vms, files=None):
    """The package of these machines, and of files {name: bytes}, as bytes."""
    files = files or {}
    _check(vms, files)
    vm_size = VM.size + PIECES_MAX * PIECE.size
    files_at = HEADER.size + vm_size * len(vms)
    data = _Data(files_at + FILE.size * len(files))
    vm_table = b"".join(_vm_entry(vm, data) for vm in vms)
    file_table = b"".join(FILE.pack(name.encode("ascii"), data.add(content), len(content))
                          for name, content in files.items())
    header = HEADER.pack(MAGIC, data.at, len(vms), len(files), HEADER.size, files_at, 0)
    return header + vm_table + file_table + b"".join(data.parts)


def write(path, vms, files=None):
    with open(path, "wb") as file:
        file.write(pack(vms, files))

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Packages read back, device tree and ACPI tables as other tools read them, and what is refused."""

import os
import shutil
import struct
import subprocess
import tempfile
import unittest

from platforms.reference import acpi
from platforms.reference import fdt
from platforms.reference import linux
from platforms.reference import package

MIB = 1 << 20


def image(size=MIB, text_offset=0, image_size=2 * MIB):
    """Looks like an arm64 kernel."""
    out = bytearray(size)
    struct.pack_into("<QQ", out, 8, text_offset, image_size)
    out[56:60] = b"ARM\x64"
    return bytes(out)


def bzimage(version=0x20F, xloadflags=1):
    """Looks like an x86_64 kernel: one sector of setup, then code."""
    out = bytearray(64 * 1024)
    out[0x1F1] = 1
    out[0x201] = 0x6A
    out[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", out, 0x206, version)
    struct.pack_into("<H", out, 0x236, xloadflags)
    struct.pack_into("<I", out, 0x238, 2047)
    struct.pack_into("<QI", out, 0x258, 0x1000000, 4 * MIB)
    out[1024:1028] = b"CODE"
    return bytes(out)


def unpack(data):
    """Machines and files as a hypervisor sees them."""
    magic, size, vm_count, file_count, vms_at, files_at, _ = package.HEADER.unpack_from(data)
    assert magic == package.MAGIC and size == len(data)
    vms = []
    for i in range(vm_count):
        at = vms_at + i * (package.VM.size + 8 * package.PIECE.size)
        fields = package.VM.unpack_from(data, at)
        pieces = []
        for k in range(fields[15]):
            offset, length, gpa = package.PIECE.unpack_from(data, at + package.VM.size + k * package.PIECE.size)
            pieces.append((gpa, data[offset:offset + length]))
        vms.append(package.Vm(fields[0].rstrip(b"\0").decode(), *fields[1:6], tuple(fields[6:10]), fields[10], pieces,
                              data[fields[11]:fields[11] + fields[12]],
                              data[fields[13]:fields[13] + fields[14]].decode()))
    files = {}
    for i in range(file_count):
        name, offset, length = package.FILE.unpack_from(data, files_at + i * package.FILE.size)
        files[name.rstrip(b"\0").decode()] = data[offset:offset + length]
    return vms, files


class Package(unittest.TestCase):
    def test_read_back(self):
        vms = [
            package.small_vm("aarch64", 1, "caller", b"code" * 100, 10, 1000000),
            package.linux_vm("aarch64", image(), b"initrd", "console=ttyAMA0 nokaslr", vcpus=2, symbols=b"symbols"),
            package.linux_vm("x86_64", bzimage(), b"initrd", "console=ttyS0", name="other", start=False),
        ]
        files = {"begin.txt": b"trace list\n", "empty": b""}
        found, found_files = unpack(package.pack(vms, files))
        self.assertEqual(found, vms)
        self.assertEqual(found_files, files)

    def test_same_bytes_each_time(self):
        def once():
            return package.pack([package.linux_vm("x86_64", bzimage(), b"initrd", "a")], {"f": b"x"})
        self.assertEqual(once(), once())

    def test_sizes_are_those_of_the_header(self):
        self.assertEqual((48, 336, 48), (package.HEADER.size, package.VM.size + 8 * package.PIECE.size,
                                         package.FILE.size))

    def test_refuses(self):
        def small(name="a", **changes):
            vm = package.small_vm("aarch64", 1, name, b"code", 1, 1)
            for key, value in changes.items():
                setattr(vm, key, value)
            return vm

        base = package.SMALL_RAM["aarch64"]
        for vms, files, why in (
                ([small(), small()], {}, "'a': two of this name"),
                ([small("")], {}, "'': a name has 1 to 31"),
                ([small("x" * 32)], {}, "a name has 1 to 31"),
                ([small("\u00e4")], {}, "a name has 1 to 31"),
                ([small(str(i)) for i in range(9)], {}, "9 virtual machines, at most 8"),
                ([], {str(i): b"" for i in range(33)}, "33 files, at most 32"),
                ([small(vcpus=0)], {}, "a: 0 vCPUs, from 1 to 4"),
                ([small(vcpus=5)], {}, "a: 5 vCPUs, from 1 to 4"),
                ([small(ram_size=MIB)], {}, "is not in units of 2 MiB"),
                ([small(ram_base=base + 4096)], {}, "is not in units of 2 MiB"),
                ([small(entry=0)], {}, "the entry 0x0 is not in RAM"),
                ([small(pieces=[(base, b"ab"), (base + 1, b"c")])], {}, "0x40000001 overlaps"),
                ([small(pieces=[(base - 1, b"ab")])], {}, "0x3fffffff overlaps another or lies below RAM"),
                ([small(pieces=[(base + (32 << 20) - 1, b"ab")])], {}, "ends behind RAM"),
                ([small(pieces=[(base + i, b"a") for i in range(9)])], {}, "9 pieces, at most 8")):
            with self.subTest(why), self.assertRaisesRegex(package.PackageError, why):
                package.pack(vms, files)

    def test_refuses_kernels(self):
        for arch, kernel, keywords, why in (
                ("aarch64", b"\x1f\x8b" + bytes(100), {}, "linux: this is no arm64 Image"),
                ("aarch64", b"", {}, "no arm64 Image"),
                ("aarch64", image(image_size=600 * MIB), {}, "do not fit 512 MiB"),
                ("aarch64", image(), {"initrd": b""}, "there is no initrd"),
                ("aarch64", image(), {"command_line": "\u00e4"}, "not ASCII"),
                ("x86_64", image(), {}, "this is no bzImage"),
                ("x86_64", bzimage(version=0x208), {}, "boot protocol 2.08, 2.12 is needed"),
                ("x86_64", bzimage(xloadflags=0), {}, "no 64-bit entry"),
                ("x86_64", bzimage(), {"command_line": "x" * 3000}, "longer than 2047"),
                ("x86_64", bzimage(), {"kaslr_seed": 1}, "a KASLR seed is for arm64"),
                ("x86_64", bzimage(), {"ram_size": 4 * MIB}, "do not fit 4 MiB")):
            arguments = {"initrd": b"initrd", "command_line": "", **keywords}
            with self.subTest(why), self.assertRaisesRegex(package.PackageError, why):
                package.linux_vm(arch, kernel, **arguments)


class DeviceTree(unittest.TestCase):
    def read(self, blob):
        return subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts"], input=blob, stdout=subprocess.PIPE,
                              check=True).stdout.decode()

    def test_values(self):
        text = self.read(fdt.write({"a": "text", "b": ["x", "yz"], "c": [1, 0xFFFFFFFF], "d": True, "e": b"\1\2\3",
                                    "child@1": {"reg": fdt.cells64(1 << 32 | 5)}}))
        for line in ('a = "text";', 'b = "x\\0yz";', "c = <0x01 0xffffffff>;", "d;", "e = [01 02 03];", "child@1 {",
                     "reg = <0x01 0x05>;"):
            self.assertIn(line, text)

    def test_of_a_guest(self):
        vm = package.linux_vm("aarch64", image(), b"x" * 5000, "quiet", vcpus=2, kaslr_seed=0x1122334455667788)
        tree_at, initrd_at = vm.pieces[1][0], vm.pieces[2][0]
        self.assertEqual((vm.entry, vm.args[0]), (vm.pieces[0][0], tree_at))
        text = self.read(vm.pieces[1][1])
        for line in ('bootargs = "quiet";', "kaslr-seed = <0x11223344 0x55667788>;",
                     f"linux,initrd-start = <0x00 {initrd_at:#x}>;", f"linux,initrd-end = <0x00 {initrd_at + 5000:#x}>;",
                     "reg = <0x00 0x40000000 0x00 0x20000000>;", "cpu@1 {", 'method = "hvc";',
                     "interrupts = <0x00 0x01 0x04>;"):
            self.assertIn(line, text)
        self.assertNotIn("cpu@2", text)


class Acpi(unittest.TestCase):
    def test_checksums_and_pointers(self):
        base = linux.X86_ACPI
        data = acpi.tables(base, 3)
        self.assertEqual(sum(data[:20]) & 255, 0)
        self.assertEqual(sum(data[:36]) & 255, 0)
        xsdt, = struct.unpack_from("<Q", data, 24)
        at = xsdt - base
        found = {}
        for pointer in struct.unpack_from("<QQ", data, at + 36):
            signature, length = struct.unpack_from("<4sI", data, pointer - base)
            table = data[pointer - base:pointer - base + length]
            self.assertEqual(sum(table) & 255, 0, signature)
            found[signature] = table
        self.assertEqual(sorted(found), [b"APIC", b"FACP"])
        self.assertEqual(len(found[b"APIC"]), 44 + 3 * 16)

    @unittest.skipUnless(shutil.which("iasl"), "iasl is not installed (acpica-tools)")
    def test_as_iasl_reads_them(self):
        data = acpi.tables(linux.X86_ACPI, 2)
        with tempfile.TemporaryDirectory() as directory:
            for at in (acpi.FADT_AT, acpi.MADT_AT, acpi.DSDT_AT):
                signature, length = struct.unpack_from("<4sI", data, at)
                name = signature.decode().lower()
                with open(os.path.join(directory, name + ".dat"), "wb") as file:
                    file.write(data[at:at + length])
                subprocess.run(["iasl", "-d", name + ".dat"], cwd=directory, check=True, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
                with open(os.path.join(directory, name + ".dsl"), encoding="latin-1") as file:
                    text = file.read()
                self.assertNotIn("Incorrect checksum", text)
                if name == "dsdt":
                    self.assertIn('EisaId ("PNP0501")', text)
                    self.assertIn("Name (_S5, Package (0x04)", text)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""What a Linux kernel wants to find in the memory of its machine when it starts.

Ref: Linux Documentation/arm64/booting.rst, Documentation/x86/boot.rst and zero-page.rst.
"""

import dataclasses
import struct

from platforms.reference import acpi
from platforms.reference import fdt

MIB = 1 << 20
PAGE = 4096

# The machine of aarch64 guests.
ARM64_RAM = 0x40000000
ARM64_TEXT_ALIGNMENT = 2 * MIB
ARM64_MAGIC_AT, ARM64_MAGIC = 56, b"ARM\x64"
ARM64_DTB_SIZE = 2 * MIB
GICD, GICR, GICR_STRIDE, UART = 0x08000000, 0x080A0000, 0x20000, 0x09000000
PHANDLE_GIC, PHANDLE_CLOCK = 1, 2
SPI, PPI, LEVEL_HIGH = 0, 1, 4

# The machine of x86_64 guests.
X86_PAGE_TABLES, X86_BOOT_PARAMS, X86_COMMAND_LINE, X86_ACPI = 0x80000, 0x90000, 0x91000, 0xE0000
# Where a kernel that knows no other way to restart jumps in real mode: mov $0xcf9, %dx; mov $6, %al; out %al, %dx; hlt.
X86_RESET_VECTOR, X86_RESET_CODE = 0xFFFF0, bytes.fromhex("baf90cb006eef4ebfd")
X86_LOW_RAM_END = 0x9FC00
X86_ENTRY_64 = 0x200
SETUP_SECTS, SETUP_BEGIN, SETUP_END_AT = 0x1F1, 0x1F1, 0x201
HEADER_MAGIC_AT, HEADER_MAGIC, VERSION_AT, VERSION_MIN = 0x202, b"HdrS", 0x206, 0x20C
TYPE_OF_LOADER, LOADFLAGS, RAMDISK, COMMAND_LINE_AT, XLOADFLAGS = 0x210, 0x211, 0x218, 0x228, 0x236
COMMAND_LINE_MAX_AT, PREFERRED_ADDRESS, INIT_SIZE = 0x238, 0x258, 0x260
ACPI_RSDP, E820_COUNT, E820 = 0x70, 0x1E8, 0x2D0
LOADER_OTHER, LOADED_HIGH, XLF_KERNEL_64 = 0xFF, 1, 1
E820_RAM, E820_RESERVED = 1, 2
PTE_TABLE, PTE_BLOCK = 3, 0x83


class LinuxError(Exception):
    """Why the kernel cannot be started so."""


@dataclasses.dataclass
class Guest:
    ram_base: int
    entry: int
    args: tuple
    root: int
    pieces: list


def _arm64_tree(vcpus, ram_size, initrd_at, initrd_size, command_line, kaslr_seed):
    chosen = {
        "bootargs": command_line,
        "stdout-path": "/pl011@9000000",
        "linux,initrd-start": fdt.cells64(initrd_at),
        "linux,initrd-end": fdt.cells64(initrd_at + initrd_size),
    }
    if kaslr_seed is not None:
        chosen["kaslr-seed"] = fdt.cells64(kaslr_seed)
    cpus = {"#address-cells": [1], "#size-cells": [0]}
    for i in range(vcpus):
        cpus[f"cpu@{i}"] = {"device_type": "cpu", "compatible": "arm,armv8", "reg": [i], "enable-method": "psci"}
    return {
        "#address-cells": [2],
        "#size-cells": [2],
        "interrupt-parent": [PHANDLE_GIC],
        "compatible": "linux,dummy-virt",
        "model": "axebpf reference guest",
        "chosen": chosen,
        f"memory@{ARM64_RAM:x}": {"device_type": "memory", "reg": fdt.cells64(ARM64_RAM, ram_size)},
        "cpus": cpus,
        "psci": {"compatible": ["arm,psci-1.0", "arm,psci-0.2"], "method": "hvc"},
        # Secure physical, physical, virtual, hypervisor: INTID 29, 30, 27, 26.
        "timer": {"compatible": "arm,armv8-timer", "always-on": True,
                  "interrupts": [n for ppi in (13, 14, 11, 10) for n in (PPI, ppi, LEVEL_HIGH)]},
        f"intc@{GICD:x}": {"compatible": "arm,gic-v3", "#interrupt-cells": [3], "interrupt-controller": True,
                           "phandle": [PHANDLE_GIC], "reg": fdt.cells64(GICD, 0x10000, GICR, GICR_STRIDE * vcpus)},
        "apb-pclk": {"compatible": "fixed-clock", "#clock-cells": [0], "clock-frequency": [24000000],
                     "clock-output-names": "clk24mhz", "phandle": [PHANDLE_CLOCK]},
        f"pl011@{UART:x}": {"compatible": ["arm,pl011", "arm,primecell"], "reg": fdt.cells64(UART, 0x1000),
                            "interrupts": [SPI, 1, LEVEL_HIGH], "clocks": [PHANDLE_CLOCK, PHANDLE_CLOCK],
                            "clock-names": ["uartclk", "apb_pclk"]},
    }


def _arm64(kernel, initrd, command_line, vcpus, ram_size, kaslr_seed):
    if len(kernel) < 64 or kernel[ARM64_MAGIC_AT:ARM64_MAGIC_AT + 4] != ARM64_MAGIC:
        raise LinuxError("this is no arm64 Image (a compressed one has to be unpacked first)")
    text_offset, image_size = struct.unpack_from("<QQ", kernel, 8)
    kernel_at = ARM64_RAM + ARM64_TEXT_ALIGNMENT + text_offset
    end = ARM64_RAM + ram_size
    initrd_at = (end - len(initrd)) & ~(PAGE - 1)
    tree_at = (initrd_at - ARM64_DTB_SIZE) & ~(ARM64_DTB_SIZE - 1)
    if kernel_at + max(image_size, len(kernel)) > tree_at:
        raise LinuxError(f"kernel and initrd do not fit {ram_size >> 20} MiB of RAM")
    tree = fdt.write(_arm64_tree(vcpus, ram_size, initrd_at, len(initrd), command_line, kaslr_seed))
    return Guest(ARM64_RAM, kernel_at, (tree_at, 0, 0, 0), 0,
                 [(kernel_at, kernel), (tree_at, tree), (initrd_at, initrd)])


def _x86_page_tables():
    """The first 4 GiB, each address to itself, in blocks of 2 MiB."""
    out = bytearray(6 * PAGE)
    struct.pack_into("<Q", out, 0, X86_PAGE_TABLES + PAGE | PTE_TABLE)
    for gib in range(4):
        struct.pack_into("<Q", out, PAGE + 8 * gib, X86_PAGE_TABLES + (2 + gib) * PAGE | PTE_TABLE)
        for block in range(512):
            struct.pack_into("<Q", out, (2 + gib) * PAGE + 8 * block, gib << 30 | block << 21 | PTE_BLOCK)
    return bytes(out)


def _x86_boot_params(kernel, ram_size, initrd_at, initrd_size):
    out = bytearray(PAGE)
    setup_end = SETUP_END_AT + 1 + kernel[SETUP_END_AT]
    out[SETUP_BEGIN:setup_end] = kernel[SETUP_BEGIN:setup_end]
    out[TYPE_OF_LOADER] = LOADER_OTHER
    out[LOADFLAGS] |= LOADED_HIGH
    struct.pack_into("<II", out, RAMDISK, initrd_at, initrd_size)
    struct.pack_into("<I", out, COMMAND_LINE_AT, X86_COMMAND_LINE)
    struct.pack_into("<Q", out, ACPI_RSDP, X86_ACPI)
    ranges = ((0, X86_LOW_RAM_END, E820_RAM), (X86_ACPI, MIB - X86_ACPI, E820_RESERVED), (MIB, ram_size - MIB, E820_RAM))
    out[E820_COUNT] = len(ranges)
    for i, entry in enumerate(ranges):
        struct.pack_into("<QQI", out, E820 + 20 * i, *entry)
    return bytes(out)


def _x86_check(kernel, command_line):
    if len(kernel) < PAGE or kernel[HEADER_MAGIC_AT:HEADER_MAGIC_AT + 4] != HEADER_MAGIC:
        raise LinuxError("this is no bzImage")
    version, = struct.unpack_from("<H", kernel, VERSION_AT)
    if version < VERSION_MIN:
        raise LinuxError(f"boot protocol {version >> 8}.{version & 255:02}, 2.12 is needed")
    if not struct.unpack_from("<H", kernel, XLOADFLAGS)[0] & XLF_KERNEL_64:
        raise LinuxError("the kernel has no 64-bit entry")
    longest, = struct.unpack_from("<I", kernel, COMMAND_LINE_MAX_AT)
    if len(command_line) > longest:
        raise LinuxError(f"the command line is longer than {longest} characters")


def _x86_64(kernel, initrd, command_line, vcpus, ram_size, kaslr_seed):
    if kaslr_seed is not None:
        raise LinuxError("a KASLR seed is for arm64; x86_64 takes its own, or nokaslr")
    _x86_check(kernel, command_line)
    code = kernel[((kernel[SETUP_SECTS] or 4) + 1) * 512:]
    kernel_at, init_size = struct.unpack_from("<QI", kernel, PREFERRED_ADDRESS)
    initrd_at = (ram_size - len(initrd)) & ~(PAGE - 1)
    if kernel_at + max(init_size, len(code)) > initrd_at:
        raise LinuxError(f"kernel and initrd do not fit {ram_size >> 20} MiB of RAM")
    return Guest(0, kernel_at + X86_ENTRY_64, (0, X86_BOOT_PARAMS, 0, 0), X86_PAGE_TABLES, [
        (X86_PAGE_TABLES, _x86_page_tables()),
        (X86_BOOT_PARAMS, _x86_boot_params(kernel, ram_size, initrd_at, len(initrd))),
        (X86_COMMAND_LINE, command_line.encode("ascii") + b"\0"),
        (X86_ACPI, acpi.tables(X86_ACPI, vcpus)),
        (X86_RESET_VECTOR, X86_RESET_CODE),
        (kernel_at, code),
        (initrd_at, initrd),
    ])


def guest(arch, kernel, initrd, command_line, vcpus, ram_size, kaslr_seed=None):
    """Memory and registers at the start of this kernel. Raises LinuxError."""
    if not command_line.isascii() or "\0" in command_line:
        raise LinuxError("the command line is not ASCII")
    if not initrd:
        raise LinuxError("there is no initrd")
    make = {"aarch64": _arm64, "x86_64": _x86_64}[arch]
    return make(kernel, initrd, command_line, vcpus, ram_size, kaslr_seed)

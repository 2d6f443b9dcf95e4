# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The ACPI tables of the x86_64 guests' machine: hardware-reduced, CPUs with x2APICs, a serial port, power off.

Ref: ACPI 6.4, chapter 5 (RSDP 5.2.5, FADT 5.2.9, MADT 5.2.12) and 4.8.3.7 (sleep registers).
"""

import struct

SIZE = 0x2000
SLEEP_CONTROL_PORT, SLEEP_STATUS_PORT, RESET_PORT, RESET_VALUE = 0x604, 0x605, 0xCF9, 6
LAPIC_BASE = 0xFEE00000
OEM_ID, OEM_TABLE_ID, CREATOR = b"AXEBPF", b"AXBVM   ", b"AXB "
XSDT_AT, FADT_AT, MADT_AT, DSDT_AT = 0x100, 0x200, 0x400, 0x1000

FADT_SIZE = 276
FADT_REVISION = 6
WBINVD, POWER_BUTTON_IS_NONE, SLEEP_BUTTON_IS_NONE, RESET_SUPPORTED, HW_REDUCED = 1, 1 << 4, 1 << 5, 1 << 10, 1 << 20
NO_VGA, NO_RTC = 1 << 2, 1 << 5
MADT_X2APIC, MADT_ENABLED = 9, 1

# Scope (\_SB) {
#   Device (COM1) {
#     Name (_HID, EISAID ("PNP0501"))  Name (_UID, 0)  Name (_STA, 0x0F)
#     Name (_CRS, ResourceTemplate () { IO (Decode16, 0x3F8, 0x3F8, 0, 8) })
#   }
# }
# Name (\_S5, Package () { 5, 0, 0, 0 })
DSDT_AML = bytes.fromhex(
    "10365f53425f" "5b822f434f4d31" "085f4849440c41d00501" "085f55494400" "085f5354410a0f"
    "085f435253110d0a0a4701f803f80300087900" "085f53355f1207040a05000000")


def _checksummed(data, at, size=None):
    data = bytearray(data)
    data[at] = -sum(data[:size]) & 0xFF
    return bytes(data)


def _table(signature, revision, body):
    header = struct.pack("<4sIBB6s8sI4sI", signature, 36 + len(body), revision, 0, OEM_ID, OEM_TABLE_ID, 1, CREATOR, 1)
    return _checksummed(header + body, 9)


def _port(port):
    """A generic address structure: one byte of I/O space."""
    return struct.pack("<BBBBQ", 1, 8, 0, 1, port)


def _fadt(base):
    table = bytearray(FADT_SIZE - 36)

    def put(at, data):
        table[at - 36:at - 36 + len(data)] = data

    flags = HW_REDUCED | RESET_SUPPORTED | POWER_BUTTON_IS_NONE | SLEEP_BUTTON_IS_NONE | WBINVD
    put(40, struct.pack("<I", base + DSDT_AT))
    put(109, struct.pack("<H", NO_VGA | NO_RTC))
    put(112, struct.pack("<I", flags))
    put(116, _port(RESET_PORT) + bytes([RESET_VALUE]))
    put(131, b"\x03")  # minor version
    put(140, struct.pack("<Q", base + DSDT_AT))
    put(244, _port(SLEEP_CONTROL_PORT))
    put(256, _port(SLEEP_STATUS_PORT))
    return _table(b"FACP", FADT_REVISION, bytes(table))


def _madt(vcpus):
    cpus = b"".join(struct.pack("<BBHIII", MADT_X2APIC, 16, 0, i, MADT_ENABLED, i) for i in range(vcpus))
    return _table(b"APIC", 4, struct.pack("<II", LAPIC_BASE, 0) + cpus)


def tables(base, vcpus):
    """All tables, SIZE bytes to lie at guest physical address base; the RSDP comes first."""
    out = bytearray(SIZE)
    rsdp = struct.pack("<8sB6sBIIQB3s", b"RSD PTR ", 0, OEM_ID, 2, 0, 36, base + XSDT_AT, 0, b"")
    rsdp = _checksummed(_checksummed(rsdp, 8, 20), 32)
    for at, data in ((0, rsdp),
                     (XSDT_AT, _table(b"XSDT", 1, struct.pack("<QQ", base + FADT_AT, base + MADT_AT))),
                     (FADT_AT, _fadt(base)),
                     (MADT_AT, _madt(vcpus)),
                     (DSDT_AT, _table(b"DSDT", 2, DSDT_AML))):
        out[at:at + len(data)] = data
    return bytes(out)

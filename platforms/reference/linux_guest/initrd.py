# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""initrd.py OUT PATH=FILE...: an initrd with these files, the same bytes each time.

A gzipped cpio archive in the "newc" format (Linux Documentation/driver-api/early-userspace/buffer-format.rst):
no times, owner root, sorted; what lies in bin or has no other directory is executable. /dev/console is there, because the
kernel opens it before anything is mounted.
"""

import gzip
import stat
import sys

DIRECTORY, EXECUTABLE, CONSOLE = stat.S_IFDIR | 0o755, stat.S_IFREG | 0o755, stat.S_IFCHR | 0o600
CONSOLE_MAJOR, CONSOLE_MINOR = 5, 1


def _padded(data):
    return data + b"\0" * (-len(data) % 4)


def _entry(number, name, mode, data=b"", device=(0, 0)):
    encoded = name.encode("ascii") + b"\0"
    links = 2 if mode == DIRECTORY else 1
    fields = (number, mode, 0, 0, links, 0, len(data), 0, 0, *device, len(encoded), 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields)
    return _padded(header + encoded) + _padded(data)


def archive(files):
    """The archive of {path: bytes}; directories are made as needed."""
    directories = {"dev"}
    for path in files:
        parts = path.split("/")[:-1]
        directories.update("/".join(parts[:i + 1]) for i in range(len(parts)))
    entries = [(name, DIRECTORY, b"", (0, 0)) for name in directories]
    entries += [(name, EXECUTABLE, data, (0, 0)) for name, data in files.items()]
    entries.append(("dev/console", CONSOLE, b"", (CONSOLE_MAJOR, CONSOLE_MINOR)))
    out = b"".join(_entry(i + 1, *entry) for i, entry in enumerate(sorted(entries)))
    return out + _entry(0, "TRAILER!!!", 0)


def main(out, *arguments):
    files = {}
    for argument in arguments:
        path, _, source = argument.partition("=")
        with open(source, "rb") as file:
            files[path] = file.read()
    with open(out, "wb") as file:
        file.write(gzip.compress(archive(files), mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The reader of the ring in shared memory (shmring.h), on the host."""

import mmap
import struct
import threading

MAGIC = 0x31524D4853425841
DATA_OFFSET = 4096
CAPACITY_AT, WRITTEN_AT, TAKEN_AT, STATE_AT = 8, 16, 24, 32
CLOSED = 2
POLL_S = 0.002


class ShmringError(Exception):
    """What the other side wrote is no ring."""


class Reader:
    """Takes bytes out of the ring in a file, which QEMU has as memory."""

    def __init__(self, path):
        with open(path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)

    def _word(self, at):
        return struct.unpack_from("<Q", self._memory, at)[0]

    def take(self):
        """What there is now."""
        if self._word(0) != MAGIC:
            return b""
        capacity, written, taken = (self._word(at) for at in (CAPACITY_AT, WRITTEN_AT, TAKEN_AT))
        if not 0 < capacity <= len(self._memory) - DATA_OFFSET or not 0 <= written - taken <= capacity:
            raise ShmringError(f"capacity {capacity:#x}, written {written:#x}, taken {taken:#x}")
        at = DATA_OFFSET + taken % capacity
        count = written - taken
        first = self._memory[at:min(at + count, DATA_OFFSET + capacity)]
        out = first + self._memory[DATA_OFFSET:DATA_OFFSET + count - len(first)]
        struct.pack_into("<Q", self._memory, TAKEN_AT, written)
        return out

    def is_closed(self):
        return self._word(0) == MAGIC and self._word(STATE_AT) == CLOSED


class Copier:
    """Copies all that comes to a file, in a thread of its own, until stop()."""

    def __init__(self, path, to):
        self.reader = Reader(path)
        self._to = to
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        with open(self._to, "wb") as file:
            last = False
            while not last:
                last = self._stop.wait(POLL_S)
                file.write(self.reader.take())
                file.flush()

    def stop(self):
        """The writer is at its end: take the rest."""
        self._stop.set()
        self._thread.join()

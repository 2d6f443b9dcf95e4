# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The consumer of shmring.h: takes what a hypervisor writes to shared memory and puts it into a file.

shmring.py MEMORY OUT: until the producer closes the ring.
"""

import mmap
import struct
import sys
import threading
import time

MAGIC = 0x31524D4853425841
OPEN, CLOSED = 1, 2
SIZE_AT, STATE_AT, HEAD_AT, TAIL_AT, DATA_AT = 8, 16, 64, 128, 4096
IDLE_S = 0.005


class RingError(Exception):
    """The shared memory holds no sound ring."""


class Ring:
    """The reader's side of a ring in a file that is mapped."""

    def __init__(self, path):
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
        self.tail = 0
        self.size = 0
        self.tail_word = None

    def _u64(self, at):
        return struct.unpack_from("<Q", self.memory, at)[0]

    def is_there(self):
        """Has the producer begun? Raises RingError for a size that cannot be."""
        if self.size:
            return True
        if len(self.memory) <= DATA_AT or self._u64(0) != MAGIC:
            return False
        size = self._u64(SIZE_AT)
        if size & (size - 1) or not 0 < size <= len(self.memory) - DATA_AT:
            raise RingError(f"a ring of {size} bytes in {len(self.memory)} bytes of memory")
        self.size = size
        self.tail_word = memoryview(self.memory)[TAIL_AT:TAIL_AT + 8].cast("Q")
        return True

    def take(self):
        """What has been written since the last time; b"" when nothing."""
        if not self.is_there():
            return b""
        head = self._u64(HEAD_AT)
        count = head - self.tail
        if count == 0:
            return b""
        if not 0 < count <= self.size:
            raise RingError(f"the producer says {head}, {self.tail} were taken")
        at = self.tail % self.size
        first = min(count, self.size - at)
        data = self.memory[DATA_AT + at:DATA_AT + at + first] + self.memory[DATA_AT:DATA_AT + count - first]
        self.tail = head
        # One store: struct.pack_into() writes zeros first, and the producer would take those for a tail.
        self.tail_word[0] = head
        return data

    def is_closed(self):
        return self.is_there() and struct.unpack_from("<I", self.memory, STATE_AT)[0] == CLOSED


class Reader(threading.Thread):
    """Copies a ring to a file until it is closed, or until stop(). An error is raised by stop()."""

    def __init__(self, path, out):
        super().__init__(daemon=True)
        self.ring, self.out, self.stopping, self.error = Ring(path), out, False, None

    def run(self):
        try:
            with open(self.out, "wb") as file:
                while True:
                    last = self.stopping or self.ring.is_closed()
                    data = self.ring.take()
                    if data:
                        file.write(data)
                        file.flush()
                    elif last:
                        return
                    else:
                        time.sleep(IDLE_S)
        except RingError as error:
            self.error = error

    def stop(self):
        """Take what is there, and end."""
        self.stopping = True
        self.join()
        if self.error:
            raise self.error


if __name__ == "__main__":
    reader = Reader(*sys.argv[1:])
    reader.start()
    reader.join()
    if reader.error:
        sys.exit(f"shmring: {reader.error}")

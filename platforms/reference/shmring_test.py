# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The consumer, against a producer in Python and against hostile memory."""

import os
import struct
import tempfile
import time
import unittest

from platforms.reference import shmring

DATA = 1 << 20


class Producer:
    def __init__(self, path, size=DATA, magic=shmring.MAGIC):
        with open(path, "wb") as file:
            file.truncate(shmring.DATA_AT + DATA)
        self.ring = shmring.Ring(path)
        self.head = 0
        struct.pack_into("<QQI", self.ring.memory, 0, magic, size, shmring.OPEN)

    def write(self, data):
        while self.head + len(data) - struct.unpack_from("<Q", self.ring.memory, shmring.TAIL_AT)[0] > DATA:
            time.sleep(0.001)
        for i in range(0, len(data), 4096):
            part = data[i:i + 4096]
            at = self.head % DATA
            assert at + len(part) <= DATA
            self.ring.memory[shmring.DATA_AT + at:shmring.DATA_AT + at + len(part)] = part
            self.head += len(part)
        struct.pack_into("<Q", self.ring.memory, shmring.HEAD_AT, self.head)

    def close(self):
        struct.pack_into("<I", self.ring.memory, shmring.STATE_AT, shmring.CLOSED)


class Shmring(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.directory.name, "memory")
        self.out = os.path.join(self.directory.name, "out")

    def tearDown(self):
        self.directory.cleanup()

    def read_out(self):
        with open(self.out, "rb") as file:
            return file.read()

    def test_follows_until_closed(self):
        producer = Producer(self.path)
        reader = shmring.Reader(self.path, self.out)
        reader.start()
        data = os.urandom(65536)
        for _ in range(64):  # four times around
            producer.write(data)
        producer.close()
        reader.join(10)
        self.assertFalse(reader.is_alive())
        self.assertEqual(self.read_out(), data * 64)

    def test_stop_takes_the_rest(self):
        producer = Producer(self.path)
        reader = shmring.Reader(self.path, self.out)
        producer.write(b"x" * 4096)
        reader.start()
        reader.stop()
        self.assertEqual(self.read_out(), b"x" * 4096)

    def test_nothing_there_yet(self):
        Producer(self.path, magic=0)
        self.assertFalse(shmring.Ring(self.path).is_there())
        self.assertEqual(shmring.Ring(self.path).take(), b"")

    def test_hostile_memory(self):
        for size in (0, 3, DATA * 2, 1 << 63):
            Producer(self.path, size=size)
            with self.subTest(size), self.assertRaises(shmring.RingError):
                shmring.Ring(self.path).take()
        producer = Producer(self.path)
        struct.pack_into("<Q", producer.ring.memory, shmring.HEAD_AT, DATA + 1)
        reader = shmring.Reader(self.path, self.out)
        reader.start()
        with self.assertRaisesRegex(shmring.RingError, "the producer says"):
            reader.stop()


if __name__ == "__main__":
    unittest.main()

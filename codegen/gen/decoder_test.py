# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The generated Python decoder on streams that are written here by hand."""

import struct
import unittest

from codegen.gen import decoder_gen as decoder


def header(names=b"", count=0, **changes):
    parts = dict(magic=b"AXBTRACE", version=1, size=80, digest=decoder.SPEC_DIGEST)
    parts.update(changes)
    return (
        parts["magic"]
        + struct.pack("<HHBBH", parts["version"], parts["size"], 1, 2, 0)
        + parts["digest"]
        + struct.pack("<IIQQII", 1, 1, 10**9, 0, count, len(names))
        + names
    )


def name(index, text):
    return struct.pack("<HHI", index, len(text), 0) + text + bytes(-len(text) % 8)


def block(kind, payload, count=1, cpu=0, name_index=0):
    return struct.pack("<HHIII", kind, cpu, count, name_index, len(payload)) + payload + bytes(-len(payload) % 8)


def event(event_id, args, probe_type=0, flags=0, vcpu=0xFFFF, name_offset=0xFFFF, duration=0, nr_args=None):
    slots = list(args) + [0] * (4 - len(args))
    count = len(args) if nr_args is None else nr_args
    head = struct.pack("<QBBHIHBBHH", 1000, probe_type, 1, 3, event_id, name_offset, count, flags, vcpu, 9)
    return head + struct.pack("<4QQ", *slots, duration)


class Decode(unittest.TestCase):
    def test_gives_header_events_payloads_and_stats_in_order(self):
        stats = struct.pack("<H6xQQQQQ", 1, 5, 4, 1, 4, 0)
        data = (
            header(name(0, b"vcpu:exit"), 1)
            + block(1, name(1, b"my_ring"), name_index=1)
            + block(2, event(212, [6, 0x40, 0x5A], vcpu=2, name_offset=0, duration=77) * 2, count=2, cpu=1)
            + block(3, b"payload", name_index=1)
            + block(4, stats)
        )
        items = decoder.decode(data)
        self.assertEqual(["header", "event", "event", "payload", "stats"], [i["kind"] for i in items])
        self.assertEqual("aarch64", items[0]["arch"])
        self.assertEqual(
            {
                "kind": "event",
                "timestamp_ns": 1000,
                "probe_type": "tracepoint",
                "cpu_id": 1,
                "vm_id": 3,
                "event_id": 212,
                "flags": [],
                "vcpu_id": 2,
                "sequence": 9,
                "args": [6, 0x40, 0x5A],
                "duration_ns": 77,
                "name": "vcpu:exit",
                "fields": {"reason": "hvc", "pc": 0x40, "syndrome": 0x5A},
            },
            items[1],
        )
        self.assertEqual({"kind": "payload", "map": "my_ring", "data": b"payload"}, items[3])
        self.assertEqual(
            (1, 5, 4, 1, 4, 0),
            tuple(items[4][k] for k in ("cpu", "attempts", "committed", "dropped", "delivered", "pending")),
        )

    def test_gives_fields_of_probes_whose_name_has_them(self):
        names = [b"f a:d b:s c:c", b"f a:x b:x", b"f a:s b:s d:u", b"f a:q", b"f", b"f a:x "]
        text = struct.unpack("<2Q", b"/etc/passwd\0\0\0\0\0")
        rows = [
            (0, [2**64 - 5, *text, 0x71], 0, {"a": -5, "b": "/etc/passwd", "c": "q"}),
            (0, [0, 0, 0, 0], 8 | 64, {"a": None, "b": "", "c": None}),
            (1, [1, 2], 16, {"a": 1, "b": None}),
            (2, [*text, 0, 9], 32, {"a": "/etc/passwd", "b": None, "d": 9}),
            (3, [1], 0, {}),
            (4, [1], 0, {}),
            (5, [1], 0, {}),
            (1, [1], 0, {}),
        ]
        table = b"".join(name(i, n) for i, n in enumerate(names))
        events = b"".join(event(0x10000, args, 1, flags, name_offset=i) for i, args, flags, _ in rows)
        items = decoder.decode(header(table, len(names)) + block(2, events, count=len(rows)))[1:]
        for item, (i, _, _, fields) in zip(items, rows):
            self.assertEqual(fields, item["fields"])
            self.assertEqual("f" if fields else names[i].decode(), item["name"])

    def test_reader_gives_each_item_once_it_is_complete(self):
        data = header(name(0, b"vcpu:exit"), 1) + block(2, event(212, [6], name_offset=0)) + block(2, event(212, [4]))
        reader = decoder.Reader()
        items = [item for i in range(len(data)) for item in reader.feed(data[i : i + 1])]
        self.assertEqual(decoder.decode(data), items)
        self.assertEqual([], reader.feed(b"", last=True))
        reader.feed(b"x")
        with self.assertRaises(decoder.StreamError) as caught:
            reader.feed(b"", last=True)
        self.assertEqual(len(data), caught.exception.offset)

    def test_reader_keeps_nothing_of_what_it_gave(self):
        reader = decoder.Reader()
        reader.feed(header())
        for _ in range(100):
            self.assertEqual(1, len(reader.feed(block(2, event(212, [6])))))
            self.assertLess(len(reader._data), 200)

    def one(self, data):
        return decoder.decode(header() + block(2, data))[1]

    def test_signed_and_unnamed_values(self):
        found = self.one(event(261, [1, 2, 3, 2**64 - 2]))
        self.assertEqual(-2, found["fields"]["ret"])
        self.assertIsNone(found["vcpu_id"])
        self.assertEqual(999, self.one(event(212, [999, 0, 0]))["fields"]["reason"])

    def test_text_of_markers_and_printk(self):
        slots = struct.unpack("<4Q", b"hello".ljust(32, b"\0"))
        self.assertEqual({"text": "hello"}, self.one(event(280, slots))["fields"])
        self.assertEqual({"text": "hello"}, self.one(event(0xFFFFFFFD, slots))["fields"])

    def test_loss_records_and_flags(self):
        found = self.one(event(0xFFFFFFFE, [3, 10], flags=5))
        self.assertEqual("lost", found["name"])
        self.assertEqual({"lost": 3, "lost_total": 10}, found["fields"])
        self.assertEqual(["lost_before", "continued"], found["flags"])

    def test_fields_beyond_nr_args_are_left_out(self):
        self.assertEqual({"reason": "wfi"}, self.one(event(212, [4, 1, 2], nr_args=1))["fields"])

    def test_unknown_blocks_are_skipped(self):
        self.assertEqual(1, len(decoder.decode(header() + block(99, b"future"))))

    def test_wrong_streams_are_refused_where_they_are_wrong(self):
        good = header() + block(2, event(212, [1]))
        for offset, data in (
            (0, good[:79]),
            (0, header(magic=b"AXBTRACK")),
            (8, header(version=2)),
            (10, header(size=8)),
            (16, header(digest=bytes(32))),
            (80, good[:-1]),
            (80, good[:88]),
            (96, header() + block(2, event(212, [1]), count=2)),
            (80, header(name(0, b"x")[:8], 1)),
            (80, header(name(0, b"x"), 1)[:-1]),
        ):
            with self.assertRaises(decoder.StreamError) as caught:
                decoder.decode(data)
            self.assertEqual(offset, caught.exception.offset, caught.exception)


if __name__ == "__main__":
    unittest.main()

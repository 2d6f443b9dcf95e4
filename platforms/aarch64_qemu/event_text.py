# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Decoded events as text for people."""

from codegen.gen import decoder_gen as decoder


def fields_text(event, hidden=()):
    """The fields of an event, those in hex that the spec shows so, without the hidden ones."""
    in_hex = set()
    if event["probe_type"] == "tracepoint" and event["event_id"] in decoder.TRACEPOINTS:
        _, fields = decoder.TRACEPOINTS[event["event_id"]]
        in_hex = {name for name, _, _, _, display, _ in fields if display == "hex"}
    return " ".join(
        f"{name}={value:#x}" if name in in_hex else f"{name}={value}"
        for name, value in event["fields"].items() if name not in hidden)


def duration_text(ns):
    for unit, name in ((10**9, "s"), (10**6, "ms"), (10**3, "us")):
        if ns >= unit:
            return f"{ns / unit:.1f}{name}"
    return f"{ns}ns"

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""decode_json STREAM: what the generated decoder finds, one JSON object a line."""

import json
import sys

from codegen.gen import decoder_gen as decoder


def lines(data):
    reader = decoder.Reader()
    yield from reader.feed(data)
    try:
        reader.feed(b"", last=True)
    except decoder.StreamCut as error:
        yield {"kind": "cut", "what": str(error)}


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    for item in lines(data):
        print(json.dumps(item, default=lambda value: value.hex()))


if __name__ == "__main__":
    main()

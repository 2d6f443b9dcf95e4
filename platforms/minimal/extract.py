# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""extract.py GUIDE LANGUAGE: the code blocks of that language, one empty line between them."""

import re
import sys


def blocks(text, language):
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="ascii") as guide:
        sys.stdout.write(blocks(guide.read(), sys.argv[2]))

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Lines that are typed on the serial line while guests run."""

import unittest

from platforms.reference import typed
from platforms.aarch64_qemu import qemu

Typed = typed.tests(qemu)

if __name__ == "__main__":
    unittest.main()

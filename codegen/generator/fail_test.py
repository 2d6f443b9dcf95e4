# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Each testdata/spec/fail/X.yaml is refused with exactly the lines of X.expected.

A fixture with a section spec: is a root of its own; any other is a further part of the real spec.
X.lock, where there is one, goes behind the real ids.lock.
"""

import glob
import os
import unittest

from codegen.generator import load, main

SPEC = "codegen/spec/axebpf.yaml"
FIXTURES = sorted(glob.glob("testdata/spec/fail/*.yaml"))


def errors_of(fixture):
    """What the generator says about the fixture."""
    with open(fixture, encoding="utf-8") as stream:
        root = "\nspec:" in stream.read()
    own_lock = fixture.replace(".yaml", ".lock")
    locks = [own_lock] if os.path.exists(own_lock) else []
    try:
        main.validate(fixture if root else SPEC, [] if root else [fixture], locks)
    except load.SpecErrors as errors:
        return str(errors) + "\n"
    return "accepted\n"


class Fail(unittest.TestCase):
    maxDiff = None

    def test_there_are_fixtures(self):
        self.assertGreater(len(FIXTURES), 20)

    def test_each_fixture_is_refused_as_expected(self):
        for fixture in FIXTURES:
            with self.subTest(fixture):
                with open(fixture.replace(".yaml", ".expected"), encoding="ascii") as stream:
                    self.assertEqual(stream.read(), errors_of(fixture))

    def test_the_real_spec_is_accepted(self):
        main.validate(SPEC)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""What the soak does not let pass."""

import unittest

from platforms.soak import checks


def vm(state="off"):
    return {"vm": 3, "name": "linux", "state": state}


def ring(committed=10, dropped=0, attempts=10):
    return {"cpu": 1, "attempts": attempts, "committed": committed, "dropped": dropped}


class CheckRound(unittest.TestCase):
    def test_takes_what_is_well(self):
        self.assertEqual(checks.check_round([vm(), vm("stopped"), {"free": 5}], [ring()], None), 5)
        self.assertEqual(checks.check_round([vm(), {"free": 5}], [ring()], 5), 5)

    def test_refuses(self):
        for reason, vms, stat, free in [
                ("linux running", [vm("running"), {"free": 5}], [ring()], 5),
                ("linux failed", [vm("failed"), {"free": 5}], [ring()], 5),
                ("nothing of the rings", [vm(), {"free": 5}], [], 5),
                ("lost 1 events", [vm(), {"free": 5}], [ring(9, 1)], 5),
                ("does not add up", [vm(), {"free": 5}], [ring(9)], 5),
                ("4 bytes are free", [vm(), {"free": 4}], [ring()], 5),
        ]:
            with self.subTest(reason):
                with self.assertRaisesRegex(checks.SoakError, reason):
                    checks.check_round(vms, stat, free)


if __name__ == "__main__":
    unittest.main()

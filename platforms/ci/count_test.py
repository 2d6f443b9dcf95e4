# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
import contextlib
import io
import pathlib
import tempfile
import unittest

from platforms.ci import count

GTEST = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" disabled="1" errors="0" name="AllTests">
  <testsuite name="A" tests="4" failures="1">
    <testcase name="Passes" status="run" result="completed" classname="A" />
    <testcase name="Fails" status="run" result="completed" classname="A">
      <failure message="x" type=""></failure>
    </testcase>
    <testcase name="Skips" status="run" result="skipped" classname="A">
      <skipped message="not root" />
    </testcase>
    <testcase name="DISABLED_Sleeps" status="notrun" result="suppressed" classname="A" />
  </testsuite>
</testsuites>
"""
PASSES = '<testsuites><testsuite name="t"><testcase name="t" status="run"></testcase></testsuite></testsuites>'
ERROR = (
    '<testsuites><testsuite name="t"><testcase name="t"><error message="exited with error code 1"></error>'
    "</testcase></testsuite></testsuites>"
)


class CountTest(unittest.TestCase):
    def setUp(self):
        self._dir = tempfile.TemporaryDirectory()
        self.addCleanup(self._dir.cleanup)
        self.dir = pathlib.Path(self._dir.name)

    def xml(self, target, text):
        path = self.dir / "logs" / target / "test.xml"
        path.parent.mkdir(parents=True)
        path.write_text(text)

    def run_of(self, output, status=0):
        return str(count.count_run(status, output, self.dir / "logs"))

    def test_counts_cases(self):
        self.xml("a/b", GTEST)
        self.xml("c", PASSES)
        self.assertEqual(
            self.run_of(
                "INFO: chatter\n"
                "//a:b                    FAILED in 0.2s\n"
                "  /some/where/test.log\n"
                "//:c            (cached) PASSED in 0.1s\n"
                "Executed 1 out of 2 tests: 1 test passes and 1 fails locally.\n",
                3,
            ),
            "2 passed, 1 failed, 2 skipped",
        )

    def test_counts_shards(self):
        self.xml("a/b/shard_1_of_2", PASSES)
        self.xml("a/b/shard_2_of_2", PASSES)
        self.assertEqual(self.run_of("//a:b  PASSED in 0.2s\n"), "2 passed, 0 failed")

    def test_leaves_logs_of_other_targets_out(self):
        self.xml("gone/test", ERROR)
        self.xml("a/b", PASSES)
        self.assertEqual(self.run_of("//a:b  PASSED in 0.2s\n"), "1 passed, 0 failed")

    def test_counts_targets_without_cases(self):
        for status, expected in {
            "PASSED in 0.1s": "1 passed, 0 failed",
            "FLAKY, failed in 1 out of 2 in 1.0s": "1 passed, 0 failed",
            "SKIPPED": "0 passed, 0 failed, 1 skipped",
            "FAILED TO BUILD": "0 passed, 1 failed",
            "NO STATUS": "0 passed, 1 failed",
            "TIMEOUT in 60.1s": "0 passed, 1 failed",
            "INCOMPLETE": "0 passed, 1 failed",
        }.items():
            self.assertEqual(self.run_of(f"//a:b      {status}\n"), expected)

    def test_counts_a_crash_behind_the_last_case(self):
        self.xml("a/b", PASSES)
        self.assertEqual(self.run_of("//a:b  FAILED in 0.2s\n", 3), "1 passed, 1 failed")

    def test_counts_a_cut_file(self):
        self.xml("a/b", GTEST[:200])
        self.assertEqual(self.run_of("//a:b  FAILED in 0.2s\n", 3), "0 passed, 1 failed")

    def test_counts_a_run_that_fails_without_a_test(self):
        self.assertEqual(self.run_of("", 1), "0 passed, 1 failed")

    def main(self, *runs):
        manifest = self.dir / "manifest"
        lines = []
        for i, (status, output) in enumerate(runs):
            (self.dir / f"log{i}").write_text(output)
            lines.append(f"run{i}\t{status}\t{self.dir}/log{i}\t{self.dir}/logs\n")
        manifest.write_text("".join(lines))
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            status = count.main(["count.py", str(manifest)])
        return status, out.getvalue().splitlines()[-1]

    def test_says_whether_all_is_well(self):
        good = (0, "//a:b  PASSED in 0.1s\n")
        self.assertEqual(self.main(good), (0, "1 passed, 0 failed"))
        self.assertEqual(self.main(good, good), (0, "2 passed, 0 failed"))
        self.assertEqual(self.main(good, (1, "")), (1, "1 passed, 1 failed"))
        self.assertEqual(self.main((0, "")), (1, "0 passed, 0 failed"), "nothing ran")


if __name__ == "__main__":
    unittest.main()

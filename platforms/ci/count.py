# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Counts the test cases of several runs of Bazel, and says whether all is well.

count.py MANIFEST; a line of it for each run: name, exit status, file with what Bazel wrote to its standard
output, directory of its test logs, with tabs between. A run that only builds has an empty directory.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ET

_TARGET = re.compile(
    r"^//(?P<package>\S*):(?P<name>\S+) +(\(cached\) )?"
    r"(?P<status>PASSED|FAILED TO BUILD|FAILED|FLAKY|TIMEOUT|SKIPPED|NO STATUS|INCOMPLETE|REMOTE FAILURE)\b"
)


class Counts:
    """Test cases by outcome."""

    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed = passed
        self.failed = failed
        self.skipped = skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + f", {self.skipped} skipped" if self.skipped else text


def _case(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return Counts(failed=1)
    if (
        case.find("skipped") is not None
        or case.get("result") == "skipped"
        or case.get("status") == "notrun"
    ):
        return Counts(skipped=1)
    return Counts(passed=1)


def count_xml(path):
    """The cases of one test.xml. A file that is cut, by a crash say, is one failure."""
    counts = Counts()
    try:
        for case in ET.parse(path).iter("testcase"):
            counts.add(_case(case))
    except ET.ParseError:
        counts.failed += 1
    return counts


def count_target(status, logs):
    """The cases of one target, whose logs are in that directory."""
    if status == "SKIPPED":
        return Counts(skipped=1)
    counts = Counts()
    if status in ("PASSED", "FLAKY", "FAILED", "TIMEOUT"):
        for path in sorted(logs.rglob("test.xml")):
            counts.add(count_xml(path))
    if status in ("PASSED", "FLAKY"):
        return counts if counts.passed or counts.failed or counts.skipped else Counts(passed=1)
    # It failed, whatever its cases say: it may have crashed after the last one.
    counts.failed = max(counts.failed, 1)
    return counts


def count_run(status, output, testlogs):
    """The cases of one run: the targets that Bazel names, not what lies in the directory from earlier."""
    counts = Counts()
    for line in output.splitlines():
        match = _TARGET.match(line)
        if match:
            logs = pathlib.Path(testlogs) / match["package"] / match["name"]
            counts.add(count_target(match["status"], logs))
    if status != 0:
        counts.failed = max(counts.failed, 1)
    return counts


def main(argv):
    total = Counts()
    for line in pathlib.Path(argv[1]).read_text().splitlines():
        name, status, log, testlogs = line.split("\t")
        counts = count_run(int(status), pathlib.Path(log).read_text(errors="replace"), testlogs)
        if testlogs or counts.failed:
            print(f"{name}: {counts}")
        total.add(counts)
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

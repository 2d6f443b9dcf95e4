# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""bazel run //platforms/overhead:aarch64 (or :x86_64): what tracing costs a Linux guest, in instructions.

Under -icount an instruction is a nanosecond, so the kernel's clock counts instructions, those of the hypervisor and of
moving the stream included, and the same each time. "boot" is from the kernel's start to its first process and counts
waiting too; "work" is a fixed amount of work without a pause. One vCPU, no other guests.
"""

import os
import re
import sys
import tempfile

from platforms.reference.linux_guest import harness

ALL = "trace enable *\n"
COUNT = "trace load exits --attach\n"
# Name, suffix of the hypervisor's name, script.
MODES = [
    ("not compiled in", "_off", None),
    ("disabled", "", None),
    ("counting program", "", COUNT),
    ("all tracepoints", "", ALL),
    ("all, counting program", "", ALL + COUNT),
]
# Percent over "not compiled in" that it may cost, of which of the two times. The work is too short for a tenth of a percent:
# where its ticks fall changes it by more.
GOALS = [("disabled", "boot", 0.1), ("disabled", "work", 0.1), ("all, counting program", "boot", 3),
         ("all, counting program", "work", 10)]
MARK = re.compile(r"^\[ *(\d+)\.(\d+)\] work: (begin|end)$", re.MULTILINE)


class OverheadError(Exception):
    """A run that cannot be measured."""


def times(text):
    """(boot, work) in microseconds by the kernel's clock."""
    marks = {name: int(seconds) * 10 ** 6 + int(micros) for seconds, micros, name in MARK.findall(text)}
    if set(marks) != {"begin", "end"}:
        raise OverheadError(f"the work was not done:\n{text[-2000:]}")
    return marks["begin"], marks["end"] - marks["begin"]


def measure(guest, suffix, script):
    guest.options.hypervisor = guest.hypervisor.replace(".elf", suffix + ".elf")
    vms = guest.vms("work")
    for vm in vms[:-1]:
        vm.flags &= ~harness.package.START
    with tempfile.TemporaryDirectory() as directory:
        files = {"begin": script.encode()} if script else None
        stream = os.path.join(directory, "stream") if script else None
        status, text = guest.run(vms, files, stream=stream, deterministic=True)
    if status != 0:
        raise OverheadError(f"status {status}:\n{text[-2000:]}")
    return times(text)


def percent(value, base):
    return f"{100 * (value - base) / base:+.3f} %"


def table(found):
    """Lines of [(name, (boot, work))]; the first is what the others are compared to."""
    lines = [f"{'':24} {'boot, us':>12} {'':>12} {'work, us':>12}"]
    for name, (boot, work) in found:
        base_boot, base_work = found[0][1]
        lines.append(f"{name:24} {boot:12} {percent(boot, base_boot):>12} {work:12} {percent(work, base_work):>12}")
    return lines


def missed_goals(found):
    """A line for each goal that [(name, (boot, work))] misses."""
    times_of = {name: dict(zip(("boot", "work"), values)) for name, values in found}
    missed = []
    for name, which, goal in GOALS:
        value, base = times_of[name][which], times_of[found[0][0]][which]
        if 100 * (value - base) >= goal * base:
            missed.append(f"{name}: {percent(value, base)} of the {which}, the goal is below {goal} %")
    return missed


def main(arguments):
    guest = harness.Guest(arguments)
    guest.hypervisor = guest.options.hypervisor
    found = []
    for name, suffix, script in MODES:
        try:
            found.append((name, measure(guest, suffix, script)))
        except OverheadError as error:
            sys.exit(f"overhead: {name}: {error}")
    print("\n".join(table(found)))
    missed = missed_goals(found)
    if missed:
        sys.exit("\n".join(missed))


if __name__ == "__main__":
    main(sys.argv[1:])

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The demo: boots a reference hypervisor in QEMU with its guests, traced by eBPF programs."""

import argparse
import collections
import json
import os
import re
import shutil
import sys
import tempfile
import threading
import time

from codegen.gen import decoder_gen as decoder
from platforms.aarch64_qemu import qemu as aarch64
from platforms.aarch64_qemu.event_text import duration_text, fields_text
from platforms.reference import package
from platforms.x86_64_qemu import qemu as x86_64

QEMU = {"aarch64": aarch64, "x86_64": x86_64}
ELF = "platforms/{arch}_qemu/hypervisor.elf"
DEBIAN = {"aarch64": "arm64", "x86_64": "amd64"}
KERNEL = "../debian_guests/{debian}/kernel-cloud"
INITRD = "platforms/reference/linux_guest/initrd_{debian}.gz"
SERIAL = {"aarch64": "ttyAMA0", "x86_64": "ttyS0"}
LINUX_VCPUS = 2
GUEST_PROMPT = "guest# "
ESCAPES = re.compile("\x1b\\[[0-9;]*[A-Za-z]")
GUEST_COMMANDS = ("uname -srm", "cat /proc/interrupts", "check pingpong 1000")
PERIOD_US = 20000  # of a small guest's round
PROGRAMS = ("exits", "exit_latency", "hypercalls")
REASONS_OF_VM = 64  # bpf/exits.bpf.c: key = vm * 64 + reason
LIVE_INTERVAL_S = 0.25
LIVE_LINES = {"small": 4, "linux": 2}
STARTUP_MAX_S = {"small": 20, "linux": 120}
BAR = 40
TOP = 8
TOP_FIELDS = {"hypercall:call": "nr", "psci:call": "function", "mmio:access": "gpa"}

INTRO = """\
A small hypervisor for {arch} boots in QEMU, with virtual machines:
{vms}
eBPF programs, compiled by clang, are loaded through the hypervisor's own shell:
"""
ABOUT = {
    "caller": "mostly calls the hypervisor",
    "toucher": "uses a device and touches new memory",
    "linux": "Debian's kernel with two CPUs, unmodified; its console is shown below",
}


class Refused(Exception):
    """What was asked for is not possible; says why."""


def parse_args(args):
    parser = argparse.ArgumentParser(prog="bazel run //:demo --", description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="how long the guests work (default 5)")
    parser.add_argument("--prog", action="append", default=[], metavar="NAME",
                        help="load and attach this embedded program too; repeatable")
    parser.add_argument("--probe", action="append", default=[], metavar="SPEC",
                        help="events of these only: tracepoint:vcpu:*, or functions of the hypervisor, hprobe:s2_*; repeatable")
    parser.add_argument("--arch", default="aarch64", help="aarch64 (default) or x86_64")
    parser.add_argument("--guest", default="small", help="small (default), or linux: Debian's kernel beside the small ones")
    parser.add_argument("--output", metavar="FILE", help="where the stream of events goes")
    options = parser.parse_args(args)
    if options.arch not in QEMU:
        raise Refused(f"--arch {options.arch}: aarch64 or x86_64")
    if options.guest not in LIVE_LINES:
        raise Refused(f"--guest {options.guest}: small or linux")
    if not 1 <= options.seconds <= 600:
        raise Refused(f"--seconds {options.seconds}: from 1 to 600")
    return options


def probe_lines(specs):
    """What the hypervisor's shell is told for the given probe specs; the returns of functions are probed too, to time them."""
    lines, patterns = [], [] if specs else ["*"]
    for spec in specs:
        kind, _, rest = spec.partition(":")
        if kind in ("hprobe", "h"):
            lines += [f"trace hprobe {rest}", f"trace hretprobe {rest}"]
        elif kind in ("hretprobe", "hr"):
            lines.append(f"trace hretprobe {rest}")
        elif kind in ("kprobe", "k", "kretprobe", "kr"):
            raise Refused(f"--probe {spec}: probes of this kind are not there yet; try tracepoint:vcpu:* or hprobe:*s2*")
        else:
            patterns.append(rest if kind in ("tracepoint", "t") else spec)
    return lines + (["trace enable " + " ".join(patterns)] if patterns else [])


def text_of(event):
    """Fields of a tracepoint, arguments or result of a function."""
    if event["probe_type"] == "tracepoint":
        return fields_text(event)
    values = ", ".join(f"{value:#x}" for value in event["args"])
    return f"({values})" if event["probe_type"] == "hprobe" else f"= {values}"


def event_line(event):
    where = f"vm{event['vm_id']}" if event["vm_id"] else "-"
    duration = "  took " + duration_text(event["duration_ns"]) if event["duration_ns"] else ""
    return (f"  {event['timestamp_ns'] / 1e9:10.6f}s  cpu{event['cpu_id']}  {where:4} "
            f"{event['name'] or event['event_id']!s:20} {text_of(event)}{duration}").rstrip()


class Live:
    """Shows a sample of the events as they come: each kind when it is first seen, then a few a second."""

    def __init__(self, path, lines, out):
        self.path, self.lines, self.out = path, lines, out
        self.reader, self.at = decoder.Reader(), 0
        self.events, self.seen = 0, set()
        self.stats = []
        self.top = {name: collections.Counter() for name in TOP_FIELDS}
        self.calls, self.took = collections.Counter(), collections.defaultdict(list)
        self.first_ns, self.last_ns = None, 0

    def poll(self):
        if not os.path.exists(self.path):
            return
        with open(self.path, "rb") as stream:
            stream.seek(self.at)
            data = stream.read()
        self.at += len(data)
        items = self.reader.feed(data)
        self.stats += [item for item in items if item["kind"] == "stats"]
        events = [item for item in items if item["kind"] == "event"]
        self.count(events)
        for event in self.sample(events):
            self.out(event_line(event))

    def count(self, events):
        self.events += len(events)
        for event in events:
            if self.first_ns is None:
                self.first_ns = event["timestamp_ns"]
            self.last_ns = max(self.last_ns, event["timestamp_ns"])
            if event["probe_type"] == "hprobe":
                self.calls[event["name"], event["vm_id"]] += 1
            elif event["probe_type"] == "hretprobe":
                self.took[event["name"], event["vm_id"]].append(event["duration_ns"])
            if event["name"] in TOP_FIELDS:
                self.top[event["name"]][event["fields"][TOP_FIELDS[event["name"]]]] += 1

    def per_second(self):
        return self.events * 10 ** 9 // max(1, self.last_ns - (self.first_ns or 0))

    def sample(self, events):
        first = []
        for event in events:
            if event["name"] not in self.seen:
                self.seen.add(event["name"])
                first.append(event)
        rest = events[:: len(events) // self.lines + 1]
        return sorted(first or rest, key=lambda event: event["timestamp_ns"])


class Console(threading.Thread):
    """Reads what comes over the serial line: whole lines, and the beginning of the next."""

    def __init__(self, pipe):
        super().__init__(daemon=True)
        self.pipe, self.lines, self.partial = pipe, [], ""

    def run(self):
        while True:
            data = os.read(self.pipe.fileno(), 65536)
            if not data:
                break
            *lines, self.partial = (self.partial + data.decode("ascii", "replace")).split("\n")
            self.lines += [ESCAPES.sub("", line.rstrip("\r")) for line in lines]
        if self.partial:
            self.lines.append(self.partial)


def json_lines(lines):
    found = []
    for line in lines:
        if line.startswith("{"):
            found.append(json.loads(line))
    return found


def exits_table(entries, names):
    """Lines with the exits per VM and reason."""
    counts = {}
    for entry in entries:
        if entry.get("map") == "exits" and "key" in entry:
            vm, reason = divmod(int(entry["key"]), REASONS_OF_VM)
            counts[vm, reason] = counts.get((vm, reason), 0) + int(entry["value"])
    most = max(counts.values(), default=0)
    for (vm, reason), count in sorted(counts.items()):
        name = decoder.EXIT_REASON.get(reason, str(reason))
        yield f"  vm{vm} {names.get(vm, ''):8} {name:18} {count:8}  {'#' * max(1, count * BAR // most)}"


def latency_table(entries):
    """Lines with the log2 histogram of the time that the hypervisor took for an exit."""
    counts = {int(entry["key"]): int(entry["value"])
              for entry in entries if entry.get("map") == "latency" and "key" in entry}
    if not counts:
        return
    most = max(counts.values())
    for slot in range(min(counts), max(counts) + 1):
        count = counts.get(slot, 0)
        bar = "#" * max(1, count * BAR // most) if count else ""
        yield f"  {duration_text(1 << slot):>8} .. {duration_text(2 << slot):8} {count:8}  {bar}"


def top_table(top):
    """Lines with the most frequent calls and addresses."""
    for name, counts in top.items():
        for value, count in counts.most_common(TOP):
            most = counts.most_common(1)[0][1]
            yield f"  {name:16} {value:#14x} {count:8}  {'#' * max(1, count * BAR // most)}"


def functions_table(calls, took, names):
    """Lines with the calls of probed functions for each VM, and how long they took: the most time first."""
    rows = []
    for function, vm in set(calls) | set(took):
        times = sorted(took.get((function, vm), ()))
        rows.append((sum(times), function, vm, max(calls.get((function, vm), 0), len(times)), times))
    most = max((row[0] for row in rows), default=0)
    if rows:
        yield f"  {'function':24} {'for':12} {'calls':>8} {'median':>9} {'99 %':>9} {'longest':>9} {'total':>9}"
    for total, function, vm, count, times in sorted(rows, key=lambda row: (-row[0], row[1:3])):
        cells = [times[len(times) // 2], times[len(times) * 99 // 100], times[-1], total] if times else []
        bar = "#" * max(1, total * BAR // most) if total else ""
        yield (f"  {function:24} {f'vm{vm} ' + names.get(vm, '') if vm else '-':12} {count:8} "
               + " ".join(f"{duration_text(cell):>9}" for cell in cells) + f"  {bar}").rstrip()


def probe_lines_of(entries):
    """Lines with what each kind of probe counted: every hit is handled, or counted as missed."""
    sums = collections.defaultdict(collections.Counter)
    for entry in entries:
        if "probe" in entry:
            sums[entry["probe"]].update({"sites": 1, **{key: entry[key] for key in ("hits", "handled", "missed")}})
    for kind, total in sums.items():
        yield f"  {kind + 's':10} {total['sites']:4} sites, {total['hits']} hits: {total['handled']} handled, {total['missed']} missed"


def loss_lines(entries, stats):
    for item in stats:
        yield (f"  events of cpu{item['cpu']}: {item['attempts']} emitted, {item['delivered']} written, "
               f"{item['dropped']} lost")
    for entry in entries:
        if "prog" in entry:
            yield (f"  program {entry['prog']}: {entry['runs']} runs, {entry['missed']} missed, "
                   f"{entry['faults']} faults")


def linux_vm(arch):
    """Debian's kernel with our initrd; Refused when it was not fetched."""
    paths = [path.format(debian=DEBIAN[arch]) for path in (KERNEL, INITRD)]
    for path in paths:
        if not os.path.exists(path):
            raise Refused("--guest linux: Debian's kernel is not here; run: sh platforms/bootstrap.sh && bazel shutdown")
    with open(paths[0], "rb") as kernel, open(paths[1], "rb") as initrd:
        return package.linux_vm(arch, kernel.read(), initrd.read(), f"console={SERIAL[arch]}", LINUX_VCPUS)


def virtual_machines(options, elf):
    rounds = options.seconds * 1000000 // PERIOD_US
    vms = QEMU[options.arch].small_vms(elf, rounds, PERIOD_US)
    return vms + ([linux_vm(options.arch)] if options.guest == "linux" else [])


def start(options, path):
    """QEMU with the hypervisor and its machines: (machine, VMs)."""
    elf = os.path.abspath(ELF.format(arch=options.arch))
    programs = list(dict.fromkeys(list(PROGRAMS) + options.prog))
    begin = [f"trace load {name} --attach" for name in programs] + probe_lines(options.probe)
    end = ["trace hprobe --json", "trace progs --json", "trace maps exits --json", "trace maps latency --json"]
    files = {"begin": "\n".join(begin + [""]).encode(), "end": "\n".join(end + [""]).encode()}
    vms = virtual_machines(options, elf)
    words = ["script=begin", "finish=end"]
    if options.guest == "linux":
        words.append(f"console={len(vms)}")
    return QEMU[options.arch].start(elf, vms, words, files, path), vms


class LinuxUser:
    """Types at the guest's shell when it is up, and at last powers it off."""

    def __init__(self, machine, seconds):
        self.machine, self.seconds, self.commands = machine, seconds, list(GUEST_COMMANDS)
        self.began, self.up_at = time.monotonic(), None

    def poll(self, console):
        # The guest's line editor asks the terminal where the cursor is, right behind the prompt.
        if GUEST_PROMPT not in console.partial:
            return
        if self.up_at is None:
            self.up_at = time.monotonic()
        if self.commands:
            self.machine.type(self.commands.pop(0) + "\n")
        elif time.monotonic() - self.up_at >= self.seconds:
            self.machine.type("poweroff -f\n")
        else:
            return
        console.partial = ""


def follow(machine, console, live, user, limit_s, out):
    """Shows the console, and events, until QEMU ends. @return the hypervisor's status."""
    shown, announced = 0, False
    deadline = time.monotonic() + limit_s
    while machine.is_running():
        if time.monotonic() > deadline:
            machine.kill()
            raise Refused("the hypervisor did not end in time; its console:\n" + "\n".join(console.lines))
        for line in console.lines[shown:]:
            shown += 1
            if not line.startswith("{"):
                out("  " + line)
            if line.startswith("error: ") or line.lstrip().startswith("^ "):
                raise Refused("the hypervisor's shell refused a line, see above")
            if line.startswith(("Enabled: ", "Attached: h")) and not announced:
                announced = True
                out("\nEvents as they happen (a sample; all of them go to a file):")
        live.poll()
        if user:
            user.poll(console)
        time.sleep(LIVE_INTERVAL_S)
    status = machine.end()
    live.poll()
    return status


def summarize(console, live, vms, path, out):
    entries = json_lines(console.lines)
    out("\nExits per VM and reason, counted by the eBPF program \"exits\":")
    for line in exits_table(entries, {i: vm.name for i, vm in enumerate(vms, 1)}):
        out(line)
    out("\nTime that the hypervisor took for an exit, by the eBPF program \"exit_latency\":")
    for line in latency_table(entries):
        out(line)
    if live.calls or live.took:
        out("\nFunctions of the hypervisor that were probed, those that took the most time first:")
        for line in functions_table(live.calls, live.took, {i: vm.name for i, vm in enumerate(vms, 1)}):
            out(line)
    top = list(top_table(live.top))
    if top:
        out("\nWhat was called and accessed most, of all events:")
        for line in top:
            out(line)
    out("\nNothing is lost silently:")
    for line in [*probe_lines_of(entries), *loss_lines(entries, live.stats)]:
        out(line)
    out(f"\n{live.events} events, {live.per_second()} a second, are in {path}")
    out(f"  to read them: bazel run //platforms/host/cli:axebpf -- decode {path}")


def intro(options):
    names = ["caller", "toucher"] + (["linux"] if options.guest == "linux" else [])
    lines = [f'  vm{i} "{name}": {ABOUT[name]}' for i, name in enumerate(names, 1)]
    return INTRO.format(arch=options.arch, vms="\n".join(lines))


def run(options, path, out):
    """From start to end; the events are then in path. @return what summarize() wants."""
    machine, vms = start(options, path)
    console = Console(machine.process.stdout)
    console.start()
    live = Live(path, LIVE_LINES[options.guest], out)
    user = LinuxUser(machine, options.seconds) if options.guest == "linux" else None
    try:
        status = follow(machine, console, live, user, options.seconds + STARTUP_MAX_S[options.guest], out)
        console.join()
    finally:
        machine.kill()
    if status != 0:
        raise Refused(f"the hypervisor ended with status {status}; its console:\n" + "\n".join(console.lines))
    if user:
        out(f"\nThe guest's shell was up {user.up_at - user.began:.1f} s after the start.")
    return console, live, vms


def main(args):
    options = parse_args(args)
    base = os.environ.get("BUILD_WORKING_DIRECTORY", os.getcwd())
    directory = tempfile.mkdtemp(prefix="axebpf-demo-")
    path = os.path.join(directory, "events.axb")

    def out(line):
        print(line, flush=True)

    out(intro(options))
    try:
        console, live, vms = run(options, path, out)
    except BaseException:
        shutil.rmtree(directory)
        raise
    if options.output:
        wanted = os.path.join(base, options.output)
        shutil.move(path, wanted)
        shutil.rmtree(directory)
        path = wanted
    summarize(console, live, vms, path, out)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Refused as refused:
        sys.exit(f"demo: {refused}")
    except FileNotFoundError as error:
        sys.exit(f"demo: {error.filename} is missing; run: sh platforms/bootstrap.sh")
    except KeyboardInterrupt:
        sys.exit(130)

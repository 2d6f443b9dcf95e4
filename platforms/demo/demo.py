# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The demo: boots the reference hypervisor in QEMU with two guests, traced by eBPF programs."""

import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from codegen.gen import decoder_gen as decoder
from platforms.aarch64_qemu import qemu
from platforms.aarch64_qemu.event_text import duration_text, fields_text

ELF = "platforms/aarch64_qemu/hypervisor.elf"
PERIOD_US = 20000  # of a guest's round
PROGRAMS = ("exits", "exit_latency", "hypercalls")
REASONS_OF_VM = 64  # bpf/exits.bpf.c: key = vm * 64 + reason
VMS = {1: "caller", 2: "toucher"}
PROMPT = "axebpf> "
LIVE_INTERVAL_S = 0.25
LIVE_LINES = 4
STARTUP_MAX_S = 20
BAR = 40
TOP = 8
TOP_FIELDS = {"hypercall:call": "nr", "psci:call": "function", "mmio:access": "gpa"}

INTRO = """\
A small hypervisor boots in QEMU at EL2, with four CPUs and two virtual machines:
  vm1 "caller"   mostly calls the hypervisor          vm2 "toucher"  uses a device and touches new memory
eBPF programs, compiled by clang, are loaded through the hypervisor's own shell:
"""


class Refused(Exception):
    """What was asked for is not possible; says why."""


def parse_args(args):
    parser = argparse.ArgumentParser(prog="bazel run //:demo --", description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="how long the guests work (default 5)")
    parser.add_argument("--prog", action="append", default=[], metavar="NAME",
                        help="load and attach this embedded program too; repeatable")
    parser.add_argument("--probe", action="append", default=[], metavar="SPEC",
                        help="events of these tracepoints only, as tracepoint:vcpu:*; repeatable")
    parser.add_argument("--arch", default="aarch64", help="aarch64")
    parser.add_argument("--guest", default="small", help="small")
    parser.add_argument("--output", metavar="FILE", help="where the stream of events goes")
    options = parser.parse_args(args)
    if options.arch != "aarch64":
        raise Refused(f"--arch {options.arch}: not yet; there is a reference hypervisor for aarch64 only")
    if options.guest != "small":
        raise Refused(f"--guest {options.guest}: not yet; there are the small guests only")
    if not 1 <= options.seconds <= 600:
        raise Refused(f"--seconds {options.seconds}: from 1 to 600")
    return options


def tracepoint_pattern(spec):
    """The glob in a probe spec; only tracepoints can be probed yet."""
    kind, _, rest = spec.partition(":")
    if kind in ("tracepoint", "t"):
        return rest
    if kind in ("hprobe", "h", "hretprobe", "hr", "kprobe", "k", "kretprobe", "kr"):
        raise Refused(f"--probe {spec}: probes of this kind are not there yet; try tracepoint:vcpu:*")
    return spec


def event_line(event):
    where = f"vm{event['vm_id']}" if event["vm_id"] else "-"
    duration = "  took " + duration_text(event["duration_ns"]) if event["duration_ns"] else ""
    return (f"  {event['timestamp_ns'] / 1e9:10.6f}s  cpu{event['cpu_id']}  {where:4} "
            f"{event['name'] or event['event_id']!s:20} {fields_text(event)}{duration}").rstrip()


class Live:
    """Shows a sample of the events as they come: each kind when it is first seen, then a few a second."""

    def __init__(self, path, out):
        self.path, self.out = path, out
        self.reader, self.at = decoder.Reader(), 0
        self.events, self.seen = 0, set()
        self.stats = []
        self.top = {name: collections.Counter() for name in TOP_FIELDS}
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
        rest = events[:: len(events) // LIVE_LINES + 1]
        return sorted(first or rest, key=lambda event: event["timestamp_ns"])


class Console(threading.Thread):
    """Reads what the hypervisor prints, line by line."""

    def __init__(self, pipe):
        super().__init__(daemon=True)
        self.pipe, self.lines = pipe, []

    def run(self):
        for line in self.pipe:
            self.lines.append(line.decode("ascii", "replace").rstrip("\r\n"))


def json_lines(lines):
    found = []
    for line in lines:
        if line.startswith("{"):
            found.append(json.loads(line))
    return found


def exits_table(entries):
    """Lines with the exits per VM and reason."""
    counts = {}
    for entry in entries:
        if entry.get("map") == "exits" and "key" in entry:
            vm, reason = divmod(int(entry["key"]), REASONS_OF_VM)
            counts[vm, reason] = counts.get((vm, reason), 0) + int(entry["value"])
    most = max(counts.values(), default=0)
    for (vm, reason), count in sorted(counts.items()):
        name = decoder.EXIT_REASON.get(reason, str(reason))
        yield f"  vm{vm} {VMS.get(vm, ''):8} {name:14} {count:8}  {'#' * max(1, count * BAR // most)}"


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


def loss_lines(entries, stats):
    for item in stats:
        yield (f"  events of cpu{item['cpu']}: {item['attempts']} emitted, {item['delivered']} written, "
               f"{item['dropped']} lost")
    for entry in entries:
        if "prog" in entry:
            yield (f"  program {entry['prog']}: {entry['runs']} runs, {entry['missed']} missed, "
                   f"{entry['faults']} faults")


def write_script(directory, name, lines):
    with open(os.path.join(directory, name), "w", encoding="ascii") as file:
        file.write("".join(line + "\n" for line in lines))
    return name


def start(options, directory):
    """QEMU with the hypervisor, which finds its scripts in the directory."""
    patterns = [tracepoint_pattern(spec) for spec in options.probe] or ["*"]
    programs = list(dict.fromkeys(list(PROGRAMS) + options.prog))
    begin = [f"trace load {name} --attach" for name in programs] + ["trace enable " + " ".join(patterns)]
    end = ["trace progs --json", "trace maps exits --json", "trace maps latency --json"]
    words = [
        "rounds=%d" % (options.seconds * 1000000 // PERIOD_US),
        "period_us=%d" % PERIOD_US,
        "script=" + write_script(directory, "begin.txt", begin),
        "finish=" + write_script(directory, "end.txt", end),
        "stream=events.axb",
    ]
    return subprocess.Popen(qemu.command(os.path.abspath(ELF), words), cwd=directory, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def follow(process, console, live, seconds, out):
    """Shows shell lines of the start, then events, until QEMU ends. @return exit status."""
    shown = 0
    deadline = time.monotonic() + seconds + STARTUP_MAX_S
    announced = False
    while process.poll() is None:
        if time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise Refused("the hypervisor did not end in time; its console:\n" + "\n".join(console.lines))
        if not announced:
            for line in console.lines[shown:]:
                out("  " + line)
                shown += 1
                if line.startswith("error: "):
                    raise Refused("the hypervisor's shell refused a line, see above")
            if os.path.exists(live.path) and any("enable" in line for line in console.lines):
                out("\nEvents as they happen (a sample; all of them go to a file):")
                announced = True
        else:
            live.poll()
        time.sleep(LIVE_INTERVAL_S)
    live.poll()
    return process.returncode


def summarize(console, live, path, out):
    entries = json_lines(console.lines)
    out("\nExits per VM and reason, counted by the eBPF program \"exits\":")
    for line in exits_table(entries):
        out(line)
    out("\nTime that the hypervisor took for an exit, by the eBPF program \"exit_latency\":")
    for line in latency_table(entries):
        out(line)
    out("\nWhat was called and accessed most, of all events:")
    for line in top_table(live.top):
        out(line)
    out("\nNothing is lost silently:")
    for line in loss_lines(entries, live.stats):
        out(line)
    out(f"\n{live.events} events, {live.per_second()} a second, are in {path}")
    out(f"  to read them: bazel run //platforms/host/cli:axebpf -- decode {path}")


def main(args):
    options = parse_args(args)
    base = os.environ.get("BUILD_WORKING_DIRECTORY", os.getcwd())
    directory = tempfile.mkdtemp(prefix="axebpf-demo-")
    path = os.path.join(directory, "events.axb")

    def out(line):
        print(line, flush=True)

    out(INTRO)
    process = start(options, directory)
    console = Console(process.stdout)
    console.start()
    live = Live(path, out)
    try:
        status = follow(process, console, live, options.seconds, out)
    finally:
        process.kill()
        process.wait()
        console.join()
        process.stdout.close()
    if status != 0:
        shutil.rmtree(directory)
        raise Refused(f"the hypervisor ended with status {status}; its console:\n" + "\n".join(console.lines))
    if options.output:
        wanted = os.path.join(base, options.output)
        shutil.move(path, wanted)
        shutil.rmtree(directory)
        path = wanted
    summarize(console, live, path, out)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Refused as refused:
        sys.exit(f"demo: {refused}")
    except FileNotFoundError as error:
        sys.exit(f"demo: {error.filename} is missing; run: sh platforms/bootstrap.sh")
    except KeyboardInterrupt:
        sys.exit(130)

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""bazel run //platforms/soak:aarch64 -- [--seconds N] [--real-time]: VMs start, are reset and stop for ever, tracing on.

Each round starts two small guests and Linux, with many checks to do, none, or at its shell, resets one, and then stops
them all, Linux at another point of its life each time: while it boots, runs its checks or waits, or when it is off. After each round: all memory is free again,
no event was lost, what the rings took is what the stream has, and every command was answered in time.
"""

import collections
import dataclasses
import os
import random
import sys
import tempfile
import threading
import time

from codegen.gen import decoder_gen as decoder
from platforms.reference.linux_guest import harness
from platforms.soak import checks

BEGIN = ("trace load exits --attach", "trace load hypercalls --attach", "trace enable *")
PROMPT = "axebpf> "
# Other Linux VMs, and what they do: power off at once, or wait at their shell.
KINDS = {"boot": "boot", "shell": None}
ANSWER_S = 60
SMALL_ROUNDS = 1000000
SEED = 1


class Drain(threading.Thread):
    """Takes the stream from a pipe as fast as it comes; decodes and counts it while the machine stands still: it would
    idle through minutes of its time, and make events of them that take longer still to decode."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.reader = path, decoder.Reader()
        self.parts, self.counts = collections.deque(), collections.Counter()
        self.last_ns = 0

    def run(self):
        with open(self.path, "rb", buffering=0) as pipe:
            while data := pipe.read(1 << 20):
                self.parts.append(data)

    def decode(self):
        data = b"".join(self.parts.popleft() for _ in range(len(self.parts)))
        try:
            for item in self.reader.feed(data):
                self.counts[item["kind"]] += 1
                self.last_ns = max(self.last_ns, item.get("timestamp_ns", 0))
        except decoder.StreamError as error:
            raise checks.SoakError(f"the stream: {error}") from error


class Soak:
    def __init__(self, session, drain):
        self.session, self.drain = session, drain
        self.chance = random.Random(SEED)
        self.rounds, self.free = 0, None

    def command(self, line):
        """What the shell says to it."""
        timer = threading.Timer(ANSWER_S, self.session.machine.process.kill)
        timer.start()
        self.session.type(line + "\r")
        answer = self.session.until("\n" + PROMPT)
        timer.cancel()
        if not answer.endswith(PROMPT):
            raise checks.SoakError(f"no answer to {line!r}:\n{self.session.text[-3000:]}")
        self.session.text = "\n"
        if "error: " in answer:
            raise checks.SoakError(f"{line!r}: {answer}")
        return answer

    def vms(self):
        return checks.json_lines(self.command("vm list --json"))

    def wait_for_end(self, name, seconds):
        """Until it has powered off, but not longer."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if checks.state(self.vms(), name) == "stopped":
                return
            time.sleep(0.2)

    def round(self):
        linux = self.chance.choice(("linux", *KINDS))
        for name in "caller", "toucher", linux:
            self.command(f"vm start {name}")
        self.wait_for_end(linux, self.chance.uniform(0, 4))
        self.command(f"vm reset {self.chance.choice(('caller', 'toucher', linux))}")
        if linux == "shell":  # Alone, so that hours pass.
            self.stop("caller")
            self.stop("toucher")
        self.wait_for_end(linux, self.chance.choice((0.5, 3, 20)))
        for vm in self.vms():
            if vm.get("state") == "running":
                self.stop(vm["name"])
        self.rounds += 1
        vms = self.vms()
        self.free = checks.check_round(vms, checks.json_lines(self.command("trace stat --json")), self.free)
        with self.session.machine.paused():
            self.drain.decode()
        return vms

    def stop(self, name):
        """Linux may have powered off meanwhile."""
        try:
            self.command(f"vm stop {name}")
        except checks.SoakError as error:
            if "it does not run" not in str(error):
                raise


def soak(guest, seconds, real_time):
    with tempfile.TemporaryDirectory() as directory:
        pipe = os.path.join(directory, "stream")
        os.mkfifo(pipe)
        drain = Drain(pipe)
        drain.start()
        vms = guest.vms("all", 2, rounds=SMALL_ROUNDS)
        vms += [dataclasses.replace(guest.vms(run, 2)[-1], name=name) for name, run in KINDS.items()]
        for vm in vms:
            vm.flags &= ~harness.package.START
        end = time.monotonic() + seconds
        with guest.boot(vms, None, ["stay=1", "console=0"], stream=pipe, deterministic=not real_time,
                        timeout_s=seconds + 10 * ANSWER_S) as session:
            session.until("\n" + PROMPT)
            run = Soak(session, drain)
            for line in BEGIN:
                run.command(line)
            while time.monotonic() < end:
                try:
                    vms = run.round()
                except checks.SoakError as error:
                    session.type("exit\r")
                    raise checks.SoakError(f"{error}\nthe report: {session.wait()[1]}") from None
                starts = sum(vm.get("starts", 0) for vm in vms)
                print(f"round {run.rounds}: {drain.last_ns / 1e9:.0f} s of the machine's time, {starts} starts, "
                      f"{sum(drain.counts.values())} items in the stream, {run.free >> 20} MiB free", flush=True)
            session.type("exit\r")
            status, text = session.wait()
        drain.join(ANSWER_S)
        drain.decode()
        if not drain.counts["event"]:
            raise checks.SoakError("the stream: no events")
        # 1: small guests were stopped before their end.
        if status not in (0, 1):
            raise checks.SoakError(f"status {status}: {text[-2000:]}")


def main(arguments):
    seconds = 3600
    real_time = "--real-time" in arguments
    if real_time:
        arguments.remove("--real-time")
    if "--seconds" in arguments:
        at = arguments.index("--seconds")
        seconds = int(arguments[at + 1])
        del arguments[at:at + 2]
    try:
        soak(harness.Guest(arguments), seconds, real_time)
    except checks.SoakError as error:
        sys.exit(f"soak: {error}")
    print("soak: well")


if __name__ == "__main__":
    main(sys.argv[1:])

# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""A probe on each function of a running hypervisor, one after the other, and how each one was counted.

sweep.py [ARCH] [EVERY] [behind]: each EVERYth function (1); as 3+1 it begins with the second one. With "behind", not at its patch
site but at the instruction behind that, where a breakpoint is needed.

The guests work meanwhile, and check what the hypervisor does for them. Who counts besides us is QEMU: its log of executed blocks
tells each execution of a function's first instruction, and when the breakpoint was put there and taken away.
"""

import bisect
import collections
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile

ELF = "platforms/{}_qemu/hypervisor.elf"
OBJDUMP = "llvm-objdump-19"
SYMBOL = re.compile(r"^([0-9a-f]{16}) ([lg ])\s+(?:\S\s+)?F? *\.text\s+([0-9a-f]{16}) (?:\.hidden )?(\S+)$")
PROMPT = "axebpf> "
TIMEOUT_S = 600
BATCH = 64
# Where the text is written, where that is done, and where hits are read; what a hit executes when it is counted.
WRITE, WRITTEN, READ, COUNTED = "axb_plat_text_write", "machine_text_unmap", "axb_hprobe_next", "hit"
EXEC = re.compile(r"^Trace (\d+): \S+ \[[0-9a-f]+/([0-9a-f]+)/([0-9a-f]+)/")
# In the flags of a block of x86_64 (QEMU target/i386/cpu.h HF_GUEST): a guest executes it. On aarch64 none lies where we do.
IN_GUEST = {"x86_64": 1 << 21, "aarch64": 0}
STOPPED = re.compile(r"^Stopped execution of TB chain before \S+ \[([0-9a-f]+)\]")

Result = collections.namedtuple("Result", "site how why hits handled missed seen")


def functions(elf):
    """{name: address} of all functions; of names that occur twice the first."""
    text = subprocess.run([OBJDUMP, "-t", elf], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for line in text.splitlines():
        match = SYMBOL.match(line)
        if match and int(match.group(3), 16) > 0:
            found.setdefault(match.group(4), int(match.group(1), 16))
    return found


# Where a patch site ends.
BEHIND = {"aarch64": 4, "x86_64": 5}
FIRST_IS_NOP = re.compile(r"^[0-9a-f]+ <(\S+)>:\n *[0-9a-f]+:\s+nop", re.MULTILINE)


def with_patch_site(elf):
    """Names of the functions that begin with one."""
    text = subprocess.run([OBJDUMP, "-d", "--no-show-raw-insn", "--section=.text", elf], check=True, stdout=subprocess.PIPE, text=True).stdout
    return set(FIRST_IS_NOP.findall(text))


def instructions(elf, function):
    """"function+0x4", for all its instructions."""
    text = subprocess.run([OBJDUMP, "-d", "--no-show-raw-insn", "--disassemble-symbols=" + function, elf], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    places = [int(line.split(":")[0], 16) for line in text.splitlines() if re.match(r"^ *[0-9a-f]+:\s", line)]
    return [function if at == places[0] else f"{function}+{at - places[0]:#x}" for at in places]


BEGIN = "trace load exits --attach\ntrace load exit_latency --attach\ntrace load hypercalls --attach\ntrace enable *\n"
# The shell's own work, besides that of the guests.
WORK = ["vm list", "trace load printk", "trace dump 2", "trace stat --top 1", "trace maps latency", "trace unload printk"]


def script(sites):
    lines = []
    for site in sites:
        lines += ["trace hprobe " + site, *WORK, "trace hprobe --json", "trace unhprobe " + site]
    return "\n".join(lines + ["exit", ""])


def boot(arch, sites, log=None, addresses=()):
    """Runs the sweep: the console's text. With `log` QEMU writes there what it executes at the addresses."""
    qemu = importlib.import_module(f"platforms.{arch}_qemu.qemu")
    elf = os.path.abspath(ELF.format(arch))
    vms = qemu.package_file(qemu.small_vms(elf, rounds=1000000, period_us=200), {"begin": BEGIN.encode(), "paced": script(sites).encode()})
    extra = []
    if log:
        ranges = ",".join(f"{address:#x}+0x1" for address in addresses)
        extra = ["-d", "exec,nochain", "-D", log, "-dfilter", ranges]
    status, text = qemu.run(elf, ["script=begin", "paced=paced", "tick_us=100"], deterministic=True, timeout=TIMEOUT_S, vms=vms, extra=extra)
    if status != 0:
        raise RuntimeError(f"status {status}:\n{text[-4000:]}")
    return text


def executions(arch, log):
    """(CPU, address) of the hypervisor's blocks of the log, in order."""
    found = []
    with open(log, encoding="ascii") as file:
        for line in file:
            match = EXEC.match(line)
            if match:
                if int(match.group(3), 16) & IN_GUEST[arch]:
                    continue
                found.append((int(match.group(1)), int(match.group(2), 16)))
                continue
            match = STOPPED.match(line)
            if match and found and found[-1][1] == int(match.group(1), 16):
                found.pop()
    return found


def answers(text, sites):
    """(how, why not, hits, handled, missed) of each site."""
    parts = text.split(PROMPT)
    at = 0
    for site in sites:
        while parts[at].split("\n")[0] != "trace hprobe " + site:
            at += 1
        reply, listing = parts[at], parts[at + len(WORK) + 1]
        at += 1
        rows = [json.loads(line) for line in listing.splitlines() if line.startswith("{")]
        if "Attached: " in reply:
            row, = rows
            yield row["how"], "", row["hits"], row["handled"], row["missed"]
        else:
            yield "refuse", reply[reply.index("^ ") + 2:].strip(), 0, 0, 0


# Writes that put a jump into a patch site, and as many that take it away: with a breakpoint meanwhile where instructions have bytes.
JUMP_WRITES = {"aarch64": 1, "x86_64": 3}


def windows(arch, blocks, address, hows):
    """For each armed site in turn the blocks from when its breakpoint or jump is there until its hits are read: (surely, perhaps)."""
    places = {name: [i for i, (_, at) in enumerate(blocks) if at == address[name]] for name in (WRITE, WRITTEN, READ)}
    next_write = 0

    def after(name, place):
        return places[name][bisect.bisect_right(places[name], place)]

    for how in hows:
        if how == "refuse":
            yield None
            continue
        next_write += how in ("slot", "site")
        put = places[WRITE][next_write]
        next_write += 2 * (JUMP_WRITES[arch] if how == "site" else 1)
        armed = after(WRITTEN, put)
        read = after(READ, armed)
        done = after(READ, read)
        yield blocks[armed:read], blocks[put:armed] + blocks[read:done]


def under_way(blocks, site, counted):
    """On how many CPUs a hit of `site` was not counted yet at the end."""
    last = {}
    for cpu, at in blocks:
        if at in (site, counted):
            last[cpu] = at
    return sum(at == site for at in last.values())


def sweep(arch, names, all_functions, offset=0):
    """Results of functions, probed at this offset; seen = (least, most) executions of the function that QEMU tells."""
    sites = [f"{name}+{offset:#x}" if offset else name for name in names]
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")
        watched = {name: all_functions[name] for name in (WRITE, WRITTEN, READ, COUNTED, *names)}
        text = boot(arch, sites, log, watched.values())
        blocks = executions(arch, log)
    told = list(answers(text, sites))
    for name, answer, window in zip(names, told, windows(arch, blocks, watched, [how for how, *_ in told])):
        seen = None
        if window:
            surely, perhaps = (sum(at == watched[name] for _, at in part) for part in window)
            seen = (surely - under_way(window[0], watched[name], watched[COUNTED]), surely + perhaps)
        yield Result(name, *answer, seen)


def sweep_instructions(arch, function):
    sites = instructions(ELF.format(arch), function)
    return [Result(site, *answer, None) for site, answer in zip(sites, answers(boot(arch, sites), sites))]


def is_exact(result):
    """Counted as often as it was executed."""
    return result.hits == result.handled + result.missed and result.seen[0] <= result.hits <= result.seen[1]


def table(results):
    hows = collections.Counter(result.how for result in results)
    whys = collections.Counter(result.why for result in results if result.why)
    hit = sum(result.hits > 0 for result in results)
    lines = [f"  {how:10} {count:5}" for how, count in sorted(hows.items())]
    lines += [f"             {count:5}  {why}" for why, count in whys.most_common()]
    return "\n".join(lines + [f"  {hit} were hit, {sum(result.hits for result in results)} times in all"])


def main(arch="aarch64", every="1", where=""):
    every, _, first = every.partition("+")
    all_functions = functions(ELF.format(arch))
    names = sorted(with_patch_site(ELF.format(arch)) & set(all_functions) if where == "behind" else all_functions)
    names = names[int(first or 0)::int(every)]
    results = []
    for i in range(0, len(names), BATCH):
        results += sweep(arch, names[i:i + BATCH], all_functions, BEHIND[arch] if where == "behind" else 0)
        print(f"{len(results)} of {len(names)} functions", flush=True)
    wrong = [result for result in results if result.how != "refuse" and not is_exact(result)]
    print("\n".join([table(results), f"  {len(wrong)} not exact", *map(str, wrong)]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

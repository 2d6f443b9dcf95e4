# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""The axebpf command as a user meets it: what it prints, what it refuses, how it ends."""

import json
import os
import random
import re
import subprocess
import sys
import time
import unittest

AXEBPF, OBJECT, REJECTED = sys.argv[1:4]
STREAMS = sorted(sys.argv[4:])
del sys.argv[1:]
TMP = os.environ["TEST_TMPDIR"]
DONE, REFUSED, USAGE, ENVIRONMENT = range(4)

EXIT = "95 00 00 00 00 00 00 00 "
MOV_42 = "b7 00 00 00 2a 00 00 00 "
LOAD_BYTE = "71 10 00 00 00 00 00 00 "
LOAD_MAP = "18 11 00 00 %02x 00 00 00  00 00 00 00 00 00 00 00 "
JUMP_OUT = "05 00 07 00 00 00 00 00 "
LOOP = "05 00 ff ff 00 00 00 00 "
CALL_TIME = "85 00 00 00 05 00 00 00 "
CALL_UNKNOWN = "85 00 00 00 ff ff 00 00 "
CALL_REGISTER = "b7 02 00 00 05 00 00 00  8d 02 00 00 00 00 00 00 "


def stream(name):
    return next(path for path in STREAMS if path.endswith(f"/{name}.stream"))


def run(*args, stdin=b"", stdout=subprocess.PIPE):
    if isinstance(stdin, str):
        stdin = stdin.encode()
    result = subprocess.run((AXEBPF,) + args, input=stdin, stdout=stdout, stderr=subprocess.PIPE, timeout=20)
    return result.returncode, (result.stdout or b"").decode(), result.stderr.decode()


def temporary(name, data):
    path = os.path.join(TMP, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def contents(path):
    with open(path, "rb") as file:
        return file.read()


# arguments, stdin, exit status, what stdout and stderr match from begin to end
CASES = (
    # The command line.
    ([], "", USAGE, "", "usage: axebpf COMMAND.*"),
    (["-h"], "", DONE, "usage: axebpf COMMAND.*", ""),
    (["--help"], "", DONE, "usage: axebpf COMMAND.*", ""),
    (["help"], "", DONE, "usage: axebpf COMMAND.*", ""),
    (["help", "run"], "", DONE, "usage: axebpf run .*", ""),
    (["help", "rum"], "", USAGE, "", ".*no command 'rum'.*"),
    (["decoed"], "", USAGE, "", "axebpf: there is no command 'decoed'; did you mean 'decode'\\?.*"),
    (["xyzzy"], "", USAGE, "", "axebpf: there is no command 'xyzzy'\naxebpf -h lists them\n"),
    (["check", "-h"], "", DONE, "usage: axebpf check .*--map.*", ""),
    (["check", "--frobnicate"], "", USAGE, "", "axebpf check: unknown option --frobnicate.*"),
    (["check", "-x"], "", USAGE, "", "axebpf check: unknown option -x.*"),
    (["check", "--prog"], "", USAGE, "", "axebpf check: --prog wants an argument.*"),
    (["check"], "", USAGE, "", "axebpf check: which object.*"),
    (["check", "a", "b"], "", USAGE, "", "axebpf check: what is 'b' for.*"),
    (["check", "--raw", "a"], "", USAGE, "", ".*--raw reads stdin.*"),
    (["check", "a", "--type", "raw"], "", USAGE, "", ".*are for --raw.*"),
    (["dump"], "", USAGE, "", "axebpf dump: an argument is missing.*"),
    (["run"], "", USAGE, "", "axebpf run: which object.*"),
    (["run", OBJECT, "--repeat", "0"], "", USAGE, "", ".*--repeat 0: not a number from 1 on.*"),
    (["run", OBJECT, "--repeat", "-1"], "", USAGE, "", ".*--repeat -1: not a number.*"),
    (["run", OBJECT, "--engine", "vm"], "", USAGE, "", ".*no engine 'vm'.*"),
    # What this build cannot do, and files that are not there.
    (["run", OBJECT, "--engine", "jit"], "", ENVIRONMENT, "", ".*there is no JIT yet\n"),
    (["dump", OBJECT, "--jit", "x86_64"], "", ENVIRONMENT, "", ".*there is no JIT yet\n"),
    (["check", "/nowhere"], "", ENVIRONMENT, "", "axebpf check: /nowhere: No such file or directory\n"),
    (["decode", "/nowhere"], "", ENVIRONMENT, "", "axebpf decode: /nowhere: No such file or directory\n"),
    (["decode", "/"], "", ENVIRONMENT, "", "axebpf decode: /: Is a directory\n"),
    (["run", OBJECT, "--ctx", "/nowhere"], "", ENVIRONMENT, "", ".*/nowhere: No such file.*"),
    # Raw programs.
    (["run", "--raw"], MOV_42 + EXIT, DONE, "2a\n", ""),
    (["run", "--raw", ""], MOV_42 + EXIT, DONE, "2a\n", ""),
    (["run", "--raw"], (MOV_42 + EXIT).replace(" ", "") + "\n", DONE, "2a\n", ""),
    (["run", "--raw"], (MOV_42 + EXIT).upper(), DONE, "2a\n", ""),
    (["run", "--raw", "--engine", "interp"], MOV_42 + EXIT, DONE, "2a\n", ""),
    (["run", "--raw", "c3 d4"], LOAD_BYTE + EXIT, DONE, "c3\n", ""),
    (["run", "--raw", "c3d4"], LOAD_BYTE + EXIT, DONE, "c3\n", ""),
    (["run", "--raw"], LOAD_BYTE + EXIT, REFUSED, "", ".*insn 0: load outside.*"),
    (["run", "--raw", "c"], EXIT, USAGE, "", ".*no pair of hex digits at offset 1\n.*"),
    (["run", "--raw"], LOOP + EXIT, REFUSED, "", ".*insn 1.*cannot be reached.*"),
    (["run", "--raw"], "b7 00 00 00 00 00 00 00 15 00 ff ff 00 00 00 00" + EXIT, REFUSED, "", ".*too many.*|.*fuel.*|.*more.*"),
    (["run", "--raw"], CALL_REGISTER + EXIT, DONE, "[0-9a-f]+\n", ""),
    (["run", "--raw"], "", REFUSED, "", ".*no instruction.*"),
    (["run", "--raw"], "95 0", REFUSED, "", ".*stdin: no pair of hex digits at offset 4\n"),
    (["run", "--raw"], "95 zz", REFUSED, "", ".*stdin: no pair of hex digits at offset 3\n"),
    (["run", "--raw"], "95 00 00", REFUSED, "", ".*stdin: 3 bytes are no whole instructions\n"),
    (["run", "--raw"], "00" * 8 * 65537, REFUSED, "", ".*more than 65536 instructions\n"),
    (["check", "--raw"], MOV_42 + EXIT, DONE, "raw: accepted \\(tracepoint, 2 instructions, 0 bytes of stack\\)\n", ""),
    (["check", "--raw", "-v"], CALL_TIME + EXIT, DONE, ".*\n  0: calls bpf_ktime_get_ns\n", ""),
    (["check", "--raw"], JUMP_OUT + EXIT, REFUSED, "", "raw: rejected: insn 0: jump to 8 leaves.*\n  0: goto \\+7\n"),
    (["check", "--raw"], CALL_UNKNOWN + EXIT, REFUSED, "", "raw: rejected: insn 0: helper 65535.*"),
    (["check", "--raw"], CALL_REGISTER + EXIT, REFUSED, "", "raw: rejected: insn 1: call by register.*"),
    (["check", "--raw", "--type", "raw"], CALL_REGISTER + EXIT, DONE, "raw: accepted.*", ""),
    (["check", "--raw", "--type", "xdp"], EXIT, USAGE, "", ".*no program type 'xdp'.*"),
    (["check", "--raw"], LOAD_MAP % 0 + MOV_42 + EXIT, REFUSED, "", ".*names map 0, the program has 0 maps.*"),
    (["check", "--raw", "--map", "hash:4:8:16", "-v"], LOAD_MAP % 0 + MOV_42 + EXIT, DONE, ".*\n  0: map hash:4:8:16\n", ""),
    (["check", "--raw", "--map", "array:4:8:1", "-m", "1:4:8:16"], LOAD_MAP % 1 + MOV_42 + EXIT, DONE, ".*", ""),
    (["check", "--raw", "--map", "hash:4:8:16"], LOAD_MAP % 1 + MOV_42 + EXIT, REFUSED, "", ".*names map 1, the program has 1 maps.*"),
    (["check", "--raw", "--map", "hash:4:8"], EXIT, USAGE, "", ".*--map hash:4:8: not TYPE:KEY:VALUE:ENTRIES\n.*"),
    (["check", "--raw", "--map", "hash:4:8:1:1"], EXIT, USAGE, "", ".*not TYPE:KEY:VALUE:ENTRIES\n.*"),
    (["check", "--raw", "--map", "heap:4:8:1"], EXIT, USAGE, "", ".*not TYPE:KEY:VALUE:ENTRIES\n.*"),
    (["check", "--raw", "--map", "hash:0:8:1"], EXIT, REFUSED, "", ".*key_size 0 is not possible\n"),
    (["check", "--raw", "--map", "lru_hash:4:8:1"], EXIT, REFUSED, "", ".*type 9 is not possible\n"),
    # Objects.
    (["check", OBJECT], "", DONE, "filter_exit: accepted \\(tracepoint, .*\n", ""),
    (["check", REJECTED, "--prog", "good"], "", DONE, "good: accepted.*", ""),
    (["check", REJECTED, "--prog", "bad"], "", REFUSED, "", "bad: rejected: insn \\d+: helper 999 .*\n  \\d+: call 999\n  rejected.bpf.c:12:19: return number.*\n"),
    (["check", REJECTED], "", REFUSED, "good: accepted.*", "bad: rejected: .*"),
    (["run", REJECTED], "", REFUSED, "", "axebpf run: .*helper 999.*\n"),
    (["dump", REJECTED], "", DONE, "program good, .*program bad, .*\ncall_it:\n.*; no helper\n.*", ""),
    (["check", OBJECT, "--prog", "filter_exti"], "", REFUSED, "", ".*no program 'filter_exti'; did you mean 'filter_exit'\\?\n"),
    (["dump", OBJECT, "--prog", "x"], "", REFUSED, "", ".*no program 'x'\n"),
    (["run", OBJECT, "--prog", "x"], "", REFUSED, "", ".*no program 'x'\n"),
    (["run", OBJECT], "", DONE, "filter_exit: r0 = \\d+ \\(0x[0-9a-f]+\\)\n1 run, [0-9.]+ ns per run\n", ""),
    (["run", OBJECT, "-n", "7", "--maps"], "", DONE, ".*\n7 runs, .*map .bss:.*", ""),
    (["run", OBJECT, "--set", "target_vm=0", "-s", "matched=6", "-m"], "", DONE, ".*map .bss:\n  0: 7\n.*", ""),
    (["run", OBJECT, "--set", "target_vm=1"], "", DONE, "filter_exit: r0 = 0 .*", ""),
    (["run", OBJECT, "--set", "target=1"], "", REFUSED, "", ".*: target: the object has no such global variable\n"),
    (["run", OBJECT, "--set", "target_vm=65536"], "", REFUSED, "", ".*: target_vm: the value does not fit the variable\n"),
    (["run", OBJECT, "--set", "target_vm"], "", USAGE, "", ".*--set target_vm: not NAME=NUMBER\n.*"),
    (["run", OBJECT, "--set", "=1"], "", USAGE, "", ".*--set =1: not NAME=NUMBER\n.*"),
    (["check", "-"], "not an object", REFUSED, "", ".*"),
    # Tracepoints.
    (["events"], "", DONE, "ID     NAME .*212    vcpu:exit .* reason:u32 .*", ""),
    (["events", "vcpu:e*", "--json"], "", DONE, '{"tracepoint": "vcpu:enter".*\n{"tracepoint": "vcpu:exit".*\n', ""),
    (["events", "--format", "vcpu:exit"], "", DONE, "name: exit\nID: 212\nformat:\n.*print fmt: .*\n", ""),
    (["events", "vcpu:exi"], "", REFUSED, "", ".*no tracepoint matches 'vcpu:exi'; did you mean 'vcpu:exit'\\?\n"),
    # Streams.
    (["decode", stream("two_cpus")], "", DONE, "TIMESTAMP .*reason=irq.*end of cpu1: attempts 23,.*\n", ""),
    (["decode", "-"], contents(stream("two_cpus")), DONE, "TIMESTAMP .*", ""),
    (["decode", stream("unfinished")], "", REFUSED, "TIMESTAMP .*", ".*offset \\d+: a block is cut\n"),
    (["decode", "--sort", "--follow", stream("two_cpus")], "", USAGE, "", "axebpf decode: --sort needs.*"),
    (["decode", "--sort", stream("unfinished")], "", REFUSED, "TIMESTAMP .*marker.*", ".*offset \\d+: a block is cut\n"),
    (["stat", stream("unfinished")], "", REFUSED, "EVENT .*user:marker .*", ".*offset \\d+: a block is cut\n"),
    (["decode", "-"], "", REFUSED, "", ".*offset 0: .*\n"),
    (["stat", "-"], "GARBAGE " * 100, REFUSED, "", ".*offset 0: .*\n"),
)


class CliTest(unittest.TestCase):
    def test_cases(self):
        for args, stdin, status, stdout, stderr in CASES:
            with self.subTest(args=args, stdin=stdin[:40]):
                got = run(*args, stdin=stdin)
                self.assertEqual(got[0], status, got)
                self.assertTrue(re.fullmatch(stdout, got[1], re.DOTALL), got)
                self.assertTrue(re.fullmatch(stderr, got[2], re.DOTALL), got)

    def test_output_that_fails(self):
        with open("/dev/full", "wb") as full:
            for args in (["events"], ["decode", stream("two_cpus")], ["dump", OBJECT], ["help", "--man"]):
                status, _, stderr = run(*args, stdout=full)
                self.assertEqual((status, stderr), (ENVIRONMENT, "axebpf: stdout: No space left on device\n"))

    def test_json_is_what_the_generated_decoder_gives(self):
        for path in STREAMS:
            with self.subTest(stream=path), open(path[: -len(".stream")] + ".jsonl") as file:
                wanted = [json.loads(line) for line in file]
                for item in wanted:
                    item.pop("reserved", None)
                status, stdout, _ = run("decode", "--json", path)
                self.assertEqual(status, REFUSED if wanted[-1]["kind"] == "cut" else DONE)
                self.assertEqual([json.loads(line) for line in stdout.splitlines()], [i for i in wanted if i["kind"] != "cut"])

    def test_sort(self):
        for path in STREAMS:
            items = [json.loads(line) for line in run("decode", "--json", path)[1].splitlines()]
            wanted = sorted(items, key=lambda i: (i["kind"] != "header", i["kind"] != "event", i.get("timestamp_ns")))
            got = [json.loads(line) for line in run("decode", "--json", "--sort", path)[1].splitlines()]
            self.assertEqual(got, wanted, path)

    def test_terminals_get_printable_text(self):
        for path in STREAMS:
            for command in ("decode", "stat"):
                _, stdout, _ = run(command, path)
                self.assertRegex(stdout, "\\A[ -~\n]*\\Z")

    def test_contexts(self):
        context = bytearray(48)
        context[4:6] = (5).to_bytes(2, "little")
        status, stdout, _ = run("run", OBJECT, "--ctx", temporary("ctx", context), "--maps")
        self.assertEqual(status, DONE)
        self.assertRegex(stdout, "r0 = 0 ")
        status, _, stderr = run("run", OBJECT, "--ctx", temporary("short", context[:4]))
        self.assertEqual(status, REFUSED)
        self.assertRegex(stderr, "insn \\d+: load outside")

    def test_hostile_streams(self):
        random.seed(1)
        for path in STREAMS:
            data = contents(path)
            for number in range(16):
                bad = bytearray(data[: random.randrange(1, len(data))] if number % 2 else data)
                for _ in range(number % 4 + 1):
                    bad[random.randrange(min(len(bad), 400))] ^= 1 << random.randrange(8)
                hostile = temporary("hostile.stream", bad)
                for args in (["decode"], ["decode", "--json"], ["decode", "--sort"], ["stat"]):
                    status, stdout, stderr = run(*args, hostile)
                    self.assertIn(status, (DONE, REFUSED), (path, number, args, stderr))
                    self.assertEqual(status == DONE, stderr == "", stderr)
                    if args == ["decode", "--json"]:
                        for line in stdout.splitlines():
                            json.loads(line)

    def test_hostile_objects(self):
        random.seed(2)
        for number in range(45):
            data = contents(REJECTED if number % 3 else OBJECT)
            bad = bytearray(data[: random.randrange(1, len(data))] if number % 2 else data)
            bad[random.randrange(len(bad))] ^= 1 << random.randrange(8)
            hostile = temporary("hostile.o", bad)
            for command in ("check", "dump", "run"):
                status, _, stderr = run(command, hostile)
                self.assertIn(status, (DONE, REFUSED), (number, command, stderr))
                self.assertEqual(status == DONE, stderr == "", stderr)

    def test_paths_under_bazel_run(self):
        directory, name = os.path.split(temporary("here.stream", contents(stream("two_cpus"))))
        for where, status in ((directory, DONE), ("/nowhere", ENVIRONMENT)):
            result = subprocess.run(
                (AXEBPF, "decode", name), env={"BUILD_WORKING_DIRECTORY": where}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            self.assertEqual(result.returncode, status)

    def test_follow(self):
        data = contents(stream("two_cpus"))
        path = temporary("growing.stream", b"")
        with subprocess.Popen((AXEBPF, "decode", "--json", "--follow", path), stdout=subprocess.PIPE) as process:
            with open(path, "ab", buffering=0) as file:
                for at in range(0, len(data), 700):
                    file.write(data[at : at + 700])
                    time.sleep(0.02)
            stdout = process.communicate(timeout=20)[0].decode()
        self.assertEqual(process.returncode, DONE)
        self.assertEqual(stdout, run("decode", "--json", stream("two_cpus"))[1])


if __name__ == "__main__":
    unittest.main()

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The Linux kernel: its verifier and JIT, through BPF_PROG_TEST_RUN of an XDP program whose packet
 * is the buffer. Needs the right to load programs.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platforms/host/bench/engine.h"

#define PROLOGUE_MAX 32
#define INSN_MAX 4096

static int loaded = -1;
static int inner_count;
static uint8_t packet_out[8192];

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static struct bpf_insn insn(uint8_t code, unsigned dst, unsigned src, int offset, int imm)
{
	struct bpf_insn i = {0};
	i.code = code;
	i.dst_reg = dst & 0xf;
	i.src_reg = src & 0xf;
	i.off = (int16_t)offset;
	i.imm = imm;
	return i;
}

/* r1 = packet, r2 = its size; -1 when it is shorter, which it never is, but the verifier asks. */
static uint32_t bounds_prologue(struct bpf_insn *to, uint32_t size)
{
	uint32_t n = 0;
	to[n++] = insn(BPF_LDX | BPF_MEM | BPF_W, 2, 1, offsetof(struct xdp_md, data_end), 0);
	to[n++] = insn(BPF_LDX | BPF_MEM | BPF_W, 1, 1, offsetof(struct xdp_md, data), 0);
	to[n++] = insn(BPF_ALU64 | BPF_MOV | BPF_X, 3, 1, 0, 0);
	to[n++] = insn(BPF_ALU64 | BPF_ADD | BPF_K, 3, 0, 0, (int)size);
	to[n++] = insn(BPF_JMP | BPF_JLE | BPF_X, 3, 2, 2, 0);
	to[n++] = insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, -1);
	to[n++] = insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	to[n++] = insn(BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, (int)size);
	return n;
}

/* Call the program @count times in one test run: a test run costs 30 to 60 ns of its own, and its
 * duration is told in whole nanoseconds. */
static uint32_t repeat_prologue(struct bpf_insn *to, uint32_t size, int count)
{
	uint32_t n = 0;
	to[n++] = insn(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0);
	to[n++] = insn(BPF_ALU64 | BPF_MOV | BPF_K, 8, 0, 0, count);
	to[n++] = insn(BPF_ALU64 | BPF_MOV | BPF_X, 1, 6, 0, 0);
	to[n++] = insn(BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, (int)size);
	to[n++] = insn(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 3);
	to[n++] = insn(BPF_ALU64 | BPF_SUB | BPF_K, 8, 0, 0, 1);
	to[n++] = insn(BPF_JMP | BPF_JNE | BPF_K, 8, 0, -5, 0);
	to[n++] = insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	return n;
}

/* Its verifier walks every repetition: fewer of them for programs with long loops. */
static int repetitions(const char *name)
{
	static const struct {
		const char *name;
		int count;
	} known[] = {{"empty", 64}, {"filter", 64}, {"memcopy", 64}, {"murmur", 64}, {"helper", 64},
		{"call", 64}, {"log2hist", 1}, {"switch", 1}, {"strcmp", 4}};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(name, known[i].name) == 0) {
			return known[i].count;
		}
	}
	return 8;
}

static int load_insns(const struct bpf_insn *insns, uint32_t count)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_XDP;
	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = count;
	attr.license = (uintptr_t)"GPL";
	return (int)bpf(BPF_PROG_LOAD, &attr);
}

static bool load(const struct bench_program *program, struct bench_memory memory)
{
	static struct bpf_insn insns[PROLOGUE_MAX + INSN_MAX];
	if (loaded >= 0) {
		close(loaded);
		loaded = -1;
	}
	if (program->insn_count > INSN_MAX) {
		return false;
	}
	inner_count = repetitions(program->name);
	uint32_t n = bounds_prologue(insns, memory.size);
	if (inner_count > 1) {
		n += repeat_prologue(insns + n, memory.size, inner_count);
	}
	memcpy(insns + n, program->insns, program->insn_count * sizeof(*insns));
	loaded = load_insns(insns, n + program->insn_count);
	return loaded >= 0;
}

static const char *missing(void)
{
	const struct bpf_insn nothing[] = {insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
		insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)};
	int fd = load_insns(nothing, 2);
	if (fd < 0) {
		return strerror(errno);
	}
	close(fd);
	return NULL;
}

static double run(struct bench_memory memory, uint64_t count, uint32_t *result)
{
	union bpf_attr attr;
	uint64_t repeat = count / (uint64_t)inner_count;
	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (uint32_t)loaded;
	attr.test.data_in = (uintptr_t)memory.bytes;
	attr.test.data_size_in = memory.size;
	attr.test.data_out = (uintptr_t)packet_out;
	attr.test.data_size_out = sizeof(packet_out);
	attr.test.repeat = repeat > 1000000 ? 1000000 : repeat < 1 ? 1 : (uint32_t)repeat;
	if (bpf(BPF_PROG_TEST_RUN, &attr) != 0) {
		return -1;
	}
	*result = attr.test.retval;
	double ns = (double)attr.test.duration / inner_count;
	return ns > 0 ? ns : 0.01;
}

const struct bench_engine bench_linux = {"linux", missing, load, run};

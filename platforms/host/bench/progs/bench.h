/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the benchmark programs share. Each is one file that defines BENCH_PROGRAM(name), compiled
 * for the host and for BPF. To run everywhere, also in Linux behind a short XDP prologue:
 *
 *   - only code in .text, the program first: no maps, no global data, no relocations;
 *   - r1 is a buffer of BENCH_MEM_SIZE bytes, r2 its size; the result fits 32 bits;
 *   - the result does not depend on what an earlier run left in the buffer;
 *   - Linux's verifier accepts it.
 */
#ifndef AXB_PLATFORMS_HOST_BENCH_PROGS_BENCH_H_
#define AXB_PLATFORMS_HOST_BENCH_PROGS_BENCH_H_

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define BENCH_MEM_SIZE 2048

/** Helper that the programs call: bpf_get_numa_node_id, which takes nothing and gives a number. */
#define BENCH_HELPER_ID 42

#ifdef __bpf__
#define BENCH_PROGRAM(name)                                                                        \
	__attribute__((section(".text"), used)) u64 axb_bench_##name(u8 *mem, u64 size)
static u64 (*const call_helper)(u64 a, u64 b, u64 c, u64 d, u64 e) = (void *)BENCH_HELPER_ID;
#else
#define BENCH_PROGRAM(name)                                                                        \
	u64 axb_bench_##name(u8 *mem, u64 size);                                                   \
	u64 axb_bench_##name(u8 *mem, u64 size)
u64 call_helper(u64 a, u64 b, u64 c, u64 d, u64 e);
#endif

/** The compiler may assume nothing about @x. */
#define OPAQUE(x) __asm__ volatile("" : "+r"(x))
/** A 64-bit value as the 32 bits that every engine reports. */
#define FOLD(x) ((u32)((x) ^ ((x) >> 32)))
#define UNUSED(x) ((void)(x))

static inline u32 load32(const u8 *p)
{
	return *(const u32 *)(const void *)p;
}

static inline u64 load64(const u8 *p)
{
	return *(const u64 *)(const void *)p;
}

static inline void store64(u8 *p, u64 v)
{
	*(u64 *)(void *)p = v;
}

#endif

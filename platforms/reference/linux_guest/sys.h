/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Linux without a C library: system calls, and what they take, for arm64 and x86_64.
 * Ref: Linux include/uapi/asm-generic/unistd.h, arch/x86/entry/syscalls/syscall_64.tbl.
 */
#ifndef AXB_PLATFORMS_REFERENCE_LINUX_GUEST_SYS_H_
#define AXB_PLATFORMS_REFERENCE_LINUX_GUEST_SYS_H_

#include <stddef.h>
#include <stdint.h>

#if defined(__aarch64__)
enum {
	SYS_OPENAT = 56,
	SYS_CLOSE = 57,
	SYS_WRITE = 64,
	SYS_EXIT_GROUP = 94,
	SYS_NANOSLEEP = 101,
	SYS_CLOCK_GETTIME = 113,
	SYS_PTRACE = 117,
	SYS_SCHED_SETAFFINITY = 122,
	SYS_SCHED_YIELD = 124,
	SYS_KILL = 129,
	SYS_RT_SIGACTION = 134,
	SYS_RT_SIGPROCMASK = 135,
	SYS_GETPID = 172,
	SYS_GETPPID = 173,
	SYS_CLONE = 220,
	SYS_MMAP = 222,
	SYS_WAIT4 = 260,
};
#else
enum {
	SYS_WRITE = 1,
	SYS_CLOSE = 3,
	SYS_MMAP = 9,
	SYS_RT_SIGACTION = 13,
	SYS_RT_SIGPROCMASK = 14,
	SYS_SCHED_YIELD = 24,
	SYS_NANOSLEEP = 35,
	SYS_GETPID = 39,
	SYS_CLONE = 56,
	SYS_WAIT4 = 61,
	SYS_KILL = 62,
	SYS_PTRACE = 101,
	SYS_GETPPID = 110,
	SYS_SCHED_SETAFFINITY = 203,
	SYS_CLOCK_GETTIME = 228,
	SYS_EXIT_GROUP = 231,
	SYS_OPENAT = 257,
};
#endif

/** @return the result, or -errno. */
long sys_call(long number, long a, long b, long c, long d, long e, long f);

#define SYS0(n) sys_call((n), 0, 0, 0, 0, 0, 0)
#define SYS1(n, a) sys_call((n), (long)(a), 0, 0, 0, 0, 0)
#define SYS2(n, a, b) sys_call((n), (long)(a), (long)(b), 0, 0, 0, 0)
#define SYS3(n, a, b, c) sys_call((n), (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYS4(n, a, b, c, d) sys_call((n), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYS6(n, a, b, c, d, e, f)                                                                  \
	sys_call((n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

enum { SIGTRAP = 5, SIGBUS = 7, SIGKILL = 9, SIGCHLD = 17, SIGSTOP = 19 };
enum { PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1, MAP_ANONYMOUS = 0x20 };
enum { AT_FDCWD = -100, O_RDWR = 2, O_SYNC = 04010000 };
enum {
	PTRACE_TRACEME = 0,
	PTRACE_PEEKTEXT = 1,
	PTRACE_POKETEXT = 4,
	PTRACE_CONT = 7,
	PTRACE_SINGLESTEP = 9,
	PTRACE_GETREGSET = 0x4204,
	PTRACE_SETREGSET = 0x4205,
	NT_PRSTATUS = 1,
};

struct sys_iovec {
	void *base;
	size_t size;
};

/** Run @handler at @signal, with the registers of the interrupted code. */
void sys_on_signal(int signal, void (*handler)(int signal, void *info, void *context));

/** The program counter in a signal's context. */
uint64_t *sys_context_pc(void *context);

/** Registers of a traced process. @return the index of the program counter. */
#define SYS_REGS 34u
size_t sys_regs_pc(void);

/** Words that begin with a breakpoint, in the order of memory; and what the program counter is
 * ahead of it when it has trapped. */
#if defined(__aarch64__)
#define BREAKPOINT_MASK UINT64_C(0xffffffff)
#define BREAKPOINT UINT64_C(0xd4200000)
#define BREAKPOINT_AHEAD 0u
#define BREAKPOINT_SIZE 4u
#define TRAP_INSN "brk #0x55"
#define EXITING_INSN "wfi"
#else
#define BREAKPOINT_MASK UINT64_C(0xff)
#define BREAKPOINT UINT64_C(0xcc)
#define BREAKPOINT_AHEAD 1u
#define BREAKPOINT_SIZE 1u
#define TRAP_INSN "int3"
#define EXITING_INSN "cpuid"
#endif

static inline int sys_wait_exited(int status)
{
	return (status & 0x7f) == 0;
}

static inline int sys_wait_exit_status(int status)
{
	return status >> 8 & 0xff;
}

static inline int sys_wait_stop_signal(int status)
{
	return (status & 0xff) == 0x7f ? status >> 8 & 0xff : 0;
}

#endif

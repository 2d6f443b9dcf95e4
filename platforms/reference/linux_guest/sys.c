/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/linux_guest/sys.h"

#define SA_SIGINFO 4u
#define SA_RESTORER 0x04000000u
#define SA_NODEFER 0x40000000u
#define SIGSET_SIZE 8

/* As the kernel has it. */
struct kernel_sigaction {
	void (*handler)(int signal, void *info, void *context);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

#if defined(__aarch64__)
/* Where struct ucontext has uc_mcontext.pc. */
#define CONTEXT_PC 0x1b8u
/* struct user_pt_regs: x0 .. x30, sp, pc, pstate. */
#define REGS_PC 32u

long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;
	register long x8 __asm__("x8") = number;
	__asm__ volatile("svc #0"
		: "+r"(x0)
		: "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8)
		: "memory");
	return x0;
}

/* sp points at argc. */
__asm__(".globl _start\n_start:\n\tmov x0, sp\n\tbl guest_main\n");
#else
#define CONTEXT_PC 0xa8u
/* struct user_regs_struct: r15 .. rdi, orig_rax, rip. */
#define REGS_PC 16u

long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;
	__asm__ volatile("syscall"
		: "=a"(result)
		: "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		: "rcx", "r11", "memory");
	return result;
}

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall guest_main\n");
/* rt_sigreturn; the kernel wants it from us. */
void sys_restore(void);
__asm__(".globl sys_restore\nsys_restore:\n\tmov $15, %eax\n\tsyscall\n");
#endif

void sys_on_signal(int signal, void (*handler)(int signal, void *info, void *context))
{
	struct kernel_sigaction action = {.handler = handler, .flags = SA_SIGINFO | SA_NODEFER};
#if !defined(__aarch64__)
	action.flags |= SA_RESTORER;
	action.restorer = sys_restore;
#endif
	(void)SYS4(SYS_RT_SIGACTION, signal, &action, 0, SIGSET_SIZE);
}

uint64_t *sys_context_pc(void *context)
{
	return (uint64_t *)(void *)((uint8_t *)context + CONTEXT_PC);
}

size_t sys_regs_pc(void)
{
	return REGS_PC;
}

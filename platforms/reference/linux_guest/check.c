/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What a guest user sees of its machine: "check NAME [NUMBER]" prints one line per check that is
 * the same on any correct machine, and nothing that depends on time.
 *
 *   syscalls N    N getppid()
 *   breakpoints   three breakpoints in the program itself
 *   steps N       N single steps of a traced child
 *   exiting       single steps over instructions that a hypervisor does itself
 *   traced        a breakpoint put into a traced child
 *   pingpong N    two processes on two CPUs pass a token N times, and count together
 *   outside GPA   one read of memory at that guest physical address (decimal), by /dev/mem
 */
#include <stdbool.h>

#include "platforms/reference/linux_guest/sys.h"
#include "runtime/base/mem.h"
#include "runtime/base/text.h"

#define COUNTED 100000u
#define CHILD_STATUS 7
#define CHILD_ROUNDS 1000u
#define PAGE 4096
#define EXITING_INSNS 3u

static volatile uint64_t trap_count;

static void say(const struct axb_text *text)
{
	(void)SYS3(SYS_WRITE, 1, text->buffer, text->length);
}

/* "NAME: FOUND WHAT" */
static void report(const char *name, uint64_t found, const char *what)
{
	char buffer[128];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, name);
	axb_text_str(&text, ": ");
	axb_text_u64(&text, found);
	axb_text_char(&text, ' ');
	axb_text_str(&text, what);
	axb_text_char(&text, '\n');
	say(&text);
}

static long fork_process(void)
{
	return sys_call(SYS_CLONE, SIGCHLD, 0, 0, 0, 0, 0);
}

static int wait_for(long pid)
{
	int status = 0;
	(void)SYS4(SYS_WAIT4, pid, &status, 0, 0);
	return status;
}

__attribute__((noreturn)) static void leave(int status)
{
	for (;;) {
		(void)SYS1(SYS_EXIT_GROUP, status);
	}
}

static int check_syscalls(uint64_t count)
{
	long parent = SYS0(SYS_GETPPID);
	uint64_t same = 0;
	for (uint64_t i = 0; i < count; i++) {
		same += SYS0(SYS_GETPPID) == parent;
	}
	report("syscalls", same, "had the same result");
	return same == count ? 0 : 1;
}

static void on_trap(int signal, void *info, void *context)
{
	(void)signal;
	(void)info;
	trap_count++;
	/* INT3 is behind us already, BRK is not. */
	*sys_context_pc(context) += BREAKPOINT_SIZE - BREAKPOINT_AHEAD;
}

static int check_breakpoints(uint64_t unused)
{
	(void)unused;
	sys_on_signal(SIGTRAP, on_trap);
	__asm__ volatile(TRAP_INSN);
	__asm__ volatile(TRAP_INSN);
	__asm__ volatile(TRAP_INSN);
	report("breakpoints", trap_count, "of 3 became SIGTRAP");
	return trap_count == 3 ? 0 : 1;
}

__attribute__((noinline)) static int child_work(volatile int *n)
{
	for (volatile uint32_t i = 0; i < CHILD_ROUNDS; i++) {
	}
	return *n;
}

/* A child that is stopped at its beginning, traced. It ends with CHILD_STATUS. */

static long traced_child(void)
{
	long pid = fork_process();
	if (pid == 0) {
		volatile int n = CHILD_STATUS;
		(void)SYS1(SYS_PTRACE, PTRACE_TRACEME);
		(void)SYS2(SYS_KILL, SYS0(SYS_GETPID), SIGSTOP);
		leave(child_work(&n));
	}
	(void)wait_for(pid);
	return pid;
}

static int check_steps(uint64_t count)
{
	long pid = traced_child();
	uint64_t seen = 0;
	while (seen < count && SYS4(SYS_PTRACE, PTRACE_SINGLESTEP, pid, 0, 0) == 0) {
		if (sys_wait_stop_signal(wait_for(pid)) != SIGTRAP) {
			break;
		}
		seen++;
	}
	(void)SYS2(SYS_KILL, pid, SIGKILL);
	report("steps", seen, "were seen");
	return seen == count ? 0 : 1;
}

/* The program counter of a stopped child. */
static uint64_t get_pc(long pid)
{
	uint64_t regs[SYS_REGS] = {0};
	struct sys_iovec vector = {regs, sizeof(regs)};
	(void)SYS4(SYS_PTRACE, PTRACE_GETREGSET, pid, NT_PRSTATUS, &vector);
	return regs[sys_regs_pc()];
}

static void set_pc(long pid, uint64_t pc)
{
	uint64_t regs[SYS_REGS] = {0};
	struct sys_iovec vector = {regs, sizeof(regs)};
	(void)SYS4(SYS_PTRACE, PTRACE_GETREGSET, pid, NT_PRSTATUS, &vector);
	regs[sys_regs_pc()] = pc;
	(void)SYS4(SYS_PTRACE, PTRACE_SETREGSET, pid, NT_PRSTATUS, &vector);
}

/* The breakpoint's address, where a child has stopped; set it back to it. */
static uint64_t rewind(long pid)
{
	uint64_t pc = get_pc(pid) - BREAKPOINT_AHEAD;
	set_pc(pid, pc);
	return pc;
}

/* Three instructions; the first and the last are done by the hypervisor. Only stepped children get
 * here. */
extern const uint8_t exiting[], exiting_end[];
__asm__(".text\n.p2align 4\n.globl exiting, exiting_end\nexiting:\n\t" EXITING_INSN
	"\n\tnop\n\t" EXITING_INSN "\nexiting_end:\n\tnop\n\tnop\n");

static int check_exiting(uint64_t unused)
{
	long pid = traced_child();
	uint64_t end = (uint64_t)(uintptr_t)exiting_end;
	uint64_t steps = 0;
	(void)unused;
	set_pc(pid, (uint64_t)(uintptr_t)exiting);
	while (get_pc(pid) != end && steps <= EXITING_INSNS) {
		(void)SYS4(SYS_PTRACE, PTRACE_SINGLESTEP, pid, 0, 0);
		(void)wait_for(pid);
		steps++;
	}
	(void)SYS2(SYS_KILL, pid, SIGKILL);
	report("exiting", steps, "steps over 3 instructions");
	return steps == EXITING_INSNS ? 0 : 1;
}

static int check_traced(uint64_t unused)
{
	long pid = traced_child();
	uint64_t address = (uint64_t)(uintptr_t)child_work;
	uint64_t word = 0;
	(void)unused;
	/* Without a C library PEEKTEXT stores the word. */
	(void)SYS4(SYS_PTRACE, PTRACE_PEEKTEXT, pid, address, &word);
	(void)SYS4(
		SYS_PTRACE, PTRACE_POKETEXT, pid, address, (word & ~BREAKPOINT_MASK) | BREAKPOINT);
	(void)SYS4(SYS_PTRACE, PTRACE_CONT, pid, 0, 0);
	bool stopped = sys_wait_stop_signal(wait_for(pid)) == SIGTRAP;
	bool there = stopped && rewind(pid) == address;
	report("traced", there ? 1 : 0, "breakpoint was hit at its place");
	(void)SYS4(SYS_PTRACE, PTRACE_POKETEXT, pid, address, word);
	(void)SYS4(SYS_PTRACE, PTRACE_CONT, pid, 0, 0);
	int status = wait_for(pid);
	bool well = sys_wait_exited(status) && sys_wait_exit_status(status) == CHILD_STATUS;
	report("traced", well ? 1 : 0, "child ended as it should");
	return there && well ? 0 : 1;
}

/* Shared by two processes. */
struct shared {
	uint64_t turn;
	uint64_t passes;
	uint64_t counted;
};

static void pin_to(uint64_t cpu)
{
	uint64_t mask = UINT64_C(1) << cpu;
	/* On a machine with one CPU both are on it. */
	(void)SYS3(SYS_SCHED_SETAFFINITY, 0, sizeof(mask), &mask);
}

static void play(struct shared *shared, uint64_t me, uint64_t count)
{
	pin_to(me);
	for (uint64_t i = 0; i < COUNTED; i++) {
		(void)__atomic_fetch_add(&shared->counted, 1, __ATOMIC_RELAXED);
	}
	for (uint64_t i = 0; i < count; i++) {
		while (__atomic_load_n(&shared->turn, __ATOMIC_ACQUIRE) != me) {
			(void)SYS0(SYS_SCHED_YIELD);
		}
		shared->passes++;
		__atomic_store_n(&shared->turn, 1 - me, __ATOMIC_RELEASE);
	}
}

static int check_pingpong(uint64_t count)
{
	struct shared *shared = (struct shared *)SYS6(
		SYS_MMAP, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long pid = fork_process();
	play(shared, pid == 0 ? 1 : 0, count);
	if (pid == 0) {
		leave(0);
	}
	(void)wait_for(pid);
	report("pingpong", shared->passes, "passes of the token");
	report("pingpong", shared->counted, "increments by two CPUs");
	return shared->passes == 2 * count && shared->counted == (uint64_t)2 * COUNTED ? 0 : 1;
}

static void on_bus_error(int signal, void *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	report("outside", 1, "SIGBUS");
	leave(0);
}

static int check_outside(uint64_t gpa)
{
	long file = SYS4(SYS_OPENAT, AT_FDCWD, "/dev/mem", O_RDWR | O_SYNC, 0);
	if (file < 0) {
		report("outside", (uint64_t)-file, "is the error of opening /dev/mem");
		return 1;
	}
	long at = SYS6(SYS_MMAP, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, gpa);
	if (at < 0 && at > -PAGE) {
		report("outside", (uint64_t)-at, "is the error of mmap()");
		return 1;
	}
	volatile uint32_t *word = (volatile uint32_t *)at;
	sys_on_signal(SIGBUS, on_bus_error);
	*word = 0;
	report("outside", *word, "was read");
	return 0;
}

static const struct {
	const char *name;
	int (*run)(uint64_t number);
} checks[] = {
	{"syscalls", check_syscalls},
	{"breakpoints", check_breakpoints},
	{"steps", check_steps},
	{"exiting", check_exiting},
	{"traced", check_traced},
	{"pingpong", check_pingpong},
	{"outside", check_outside},
};

/* argc and argv as the kernel leaves them on the stack. */
void guest_main(const uint64_t *stack);

void guest_main(const uint64_t *stack)
{
	const char *const *argv = (const char *const *)(const void *)(stack + 1);
	uint64_t number = 0;
	if (stack[0] > 2 && !axb_parse_u64(argv[2], &number)) {
		report("check", 0, "numbers: the second argument is none");
		leave(2);
	}
	for (size_t i = 0; stack[0] > 1 && i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (axb_streq(argv[1], checks[i].name)) {
			leave(checks[i].run(number));
		}
	}
	report("check", 0, "checks of this name");
	leave(2);
}

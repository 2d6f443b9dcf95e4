/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The hooks of runtime/hooks/text.h for a Linux process, and its breakpoints: the kernel's
 * /proc/self/mem is the writable alias of the text, membarrier() synchronizes the threads that
 * execute it, SIGTRAP is the trap.
 */
#define _GNU_SOURCE /* registers in ucontext_t */
#include <fcntl.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "codegen/gen/contexts_gen.h" // Generated.
#include "platforms/host/host.h"
#include "probes/core/dispatch.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/types.h"
#include "runtime/hooks/text.h"

#define SLOT_AREA_SIZE 0x20000u
#define PAGE 4096u

/* By the linker; the section is there when anything was built with patch sites. */
extern const uint8_t __executable_start[], etext[];
extern const uint64_t __start___patchable_function_entries[] __attribute__((weak));
extern const uint64_t __stop___patchable_function_entries[] __attribute__((weak));

static uint8_t slot_area[SLOT_AREA_SIZE] AXB_ALIGNED(PAGE);
static int memory = -1;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void)
{
	memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	if (mprotect(slot_area, sizeof(slot_area), PROT_READ | PROT_EXEC) != 0 ||
		syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0,
			0) != 0) {
		(void)close(memory);
		memory = -1;
	}
}

bool axb_plat_slot_area(uint64_t *start, size_t *size)
{
	(void)pthread_once(&once, prepare);
	*start = (uint64_t)(uintptr_t)slot_area;
	*size = sizeof(slot_area);
	return memory >= 0;
}

size_t axb_plat_patch_sites(const uint64_t **entries)
{
	*entries = __start___patchable_function_entries;
	return (size_t)(__stop___patchable_function_entries - __start___patchable_function_entries);
}

static bool is_in(uint64_t address, size_t size, const uint8_t *start, const uint8_t *end)
{
	uint64_t first = (uint64_t)(uintptr_t)start;
	uint64_t last = (uint64_t)(uintptr_t)end;
	return address >= first && address <= last && size <= last - address;
}

bool axb_plat_text_write(uint64_t address, const void *bytes, size_t size)
{
	if (!is_in(address, size, __executable_start, etext) &&
		!is_in(address, size, slot_area, slot_area + sizeof(slot_area))) {
		return false;
	}
	return pwrite(memory, bytes, size, (off_t)address) == (ssize_t)size;
}

void axb_plat_text_sync(void)
{
	AXB_CHECK(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0) == 0);
}

/* Threads cannot be stopped from here; no change of x86_64 code asks for it. */
void axb_plat_text_stop(void (*change)(void *cookie), void *cookie)
{
	(void)change;
	(void)cookie;
	axb_plat_panic(__FILE__, __LINE__, "threads cannot be stopped");
}

AXB_NOPROBE static void load_regs(struct axb_pt_regs_x86_64 *to, const greg_t *from)
{
	*to = (struct axb_pt_regs_x86_64){
		.r15 = (uint64_t)from[REG_R15],
		.r14 = (uint64_t)from[REG_R14],
		.r13 = (uint64_t)from[REG_R13],
		.r12 = (uint64_t)from[REG_R12],
		.rbp = (uint64_t)from[REG_RBP],
		.rbx = (uint64_t)from[REG_RBX],
		.r11 = (uint64_t)from[REG_R11],
		.r10 = (uint64_t)from[REG_R10],
		.r9 = (uint64_t)from[REG_R9],
		.r8 = (uint64_t)from[REG_R8],
		.rax = (uint64_t)from[REG_RAX],
		.rcx = (uint64_t)from[REG_RCX],
		.rdx = (uint64_t)from[REG_RDX],
		.rsi = (uint64_t)from[REG_RSI],
		.rdi = (uint64_t)from[REG_RDI],
		.rip = (uint64_t)from[REG_RIP],
		.eflags = (uint64_t)from[REG_EFL],
		.rsp = (uint64_t)from[REG_RSP],
	};
}

AXB_NOPROBE static void store_regs(greg_t *to, const struct axb_pt_regs_x86_64 *from)
{
	to[REG_R15] = (greg_t)from->r15;
	to[REG_R14] = (greg_t)from->r14;
	to[REG_R13] = (greg_t)from->r13;
	to[REG_R12] = (greg_t)from->r12;
	to[REG_RBP] = (greg_t)from->rbp;
	to[REG_RBX] = (greg_t)from->rbx;
	to[REG_R11] = (greg_t)from->r11;
	to[REG_R10] = (greg_t)from->r10;
	to[REG_R9] = (greg_t)from->r9;
	to[REG_R8] = (greg_t)from->r8;
	to[REG_RAX] = (greg_t)from->rax;
	to[REG_RCX] = (greg_t)from->rcx;
	to[REG_RDX] = (greg_t)from->rdx;
	to[REG_RSI] = (greg_t)from->rsi;
	to[REG_RDI] = (greg_t)from->rdi;
	to[REG_RIP] = (greg_t)from->rip;
	to[REG_EFL] = (greg_t)from->eflags;
	to[REG_RSP] = (greg_t)from->rsp;
}

/* INT3 leaves the address after it. */
AXB_NOPROBE static void on_sigtrap(int number, siginfo_t *info, void *context)
{
	greg_t *gregs = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct axb_pt_regs_x86_64 regs;
	load_regs(&regs, gregs);
	const struct axb_trap trap = {.kind = AXB_TRAP_BREAKPOINT, .pc = regs.rip - 1};
	(void)number;
	(void)info;
	if (axb_probe_dispatch(&trap, (struct axb_regs *)(void *)&regs) == AXB_NOT_OURS) {
		/* As if nobody had caught it. */
		(void)signal(SIGTRAP, SIG_DFL);
		(void)raise(SIGTRAP);
		return;
	}
	store_regs(gregs, &regs);
}

bool axb_host_take_breakpoints(void)
{
	struct sigaction action = {.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART};
	action.sa_sigaction = on_sigtrap;
	return sigaction(SIGTRAP, &action, NULL) == 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the parts that both reference hypervisors share (console, shell, stream, reports) ask of
 * the one they are linked into. Defined once per hypervisor. "Thread" is what CPU 0 does between
 * exits of its vCPU.
 */
#ifndef AXB_PLATFORMS_REFERENCE_MACHINE_H_
#define AXB_PLATFORMS_REFERENCE_MACHINE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The serial line of the machine. Context: any; the caller serializes. */

void machine_put(char c);
/** @return false when nothing was typed. */
bool machine_get(char *c);

uint64_t machine_time_ns(void);

/** The CPU that this runs on, counted from 0. Context: any. */
uint32_t machine_cpu_id(void);

/** enum axb_stream_arch of this machine; the image, which its symbols are in. */
uint32_t machine_stream_arch(void);
void machine_image(uint64_t *start, uint64_t *end);

/** Zero whole pages, so that a guest with its caches off sees it too. Context: any. */
void machine_zero(void *memory, size_t size);

/** End QEMU: its exit status is @status on aarch64, (@status << 1) | 1 on x86_64; the Python side
 * (qemu.py) hides the difference. */
__attribute__((noreturn)) void machine_exit(uint32_t status);

/** A fault of the hypervisor: say @why, stop all. */
__attribute__((noreturn)) void panic(const char *why);

/** Read the host's file @path (QEMU semihosting); 0 when there is no such way, no such file, or it
 * does not fit. Context: thread. */
size_t machine_read_file(const char *path, void *to, size_t size);

/* Where the stream of events leaves. Context: thread. */

/** @return false when it cannot be written. */
bool machine_stream_open(const char *name);
/** Bytes that can be written now. */
size_t machine_stream_room(void);
/** @return false when @bytes could not be taken; nothing of them was then. */
bool machine_stream_write(const void *bytes, size_t size);
void machine_stream_close(void);

/* The virtual machines: id = 1 + index in the package, whether they run or not. */

enum vm_state {
	VM_OFF, /**< not started yet, or stopped by us */
	VM_RUNNING,
	VM_STOPPED, /**< by itself: powered off, or a small guest with a status */
	VM_FAILED,  /**< the hypervisor could not go on with it */
};

struct vm_info {
	enum vm_state state;
	uint64_t status;      /**< of VM_STOPPED; 0 = well */
	const char *failure;  /**< of VM_FAILED */
	uint64_t starts;      /**< how often it was started */
	uint64_t backed_size; /**< bytes of its RAM that have memory */
	uint64_t exits;       /**< of all vCPUs since its start */
};

/** Context: thread, as of a moment. @id is valid. */
void machine_vm_info(uint16_t id, struct vm_info *out);

/** How often @vcpu of VM @id exited for @reason (0 .. machine_exit_reasons() - 1) since its start.
 */
uint64_t machine_vm_exits(uint16_t id, uint32_t vcpu, uint32_t reason);
uint32_t machine_exit_reasons(void);
const char *machine_exit_reason_name(uint32_t reason);

/** Start a VM that does not run: fresh memory and devices, pieces copied from the package.
 * @return AXB_OK, AXB_ERR_BUSY when it runs, AXB_ERR_NOMEM, AXB_ERR_LIMIT without CPUs for
 * it. Context: thread. */
enum axb_status machine_vm_start(uint16_t id);

/** Stop a running VM: on return all of its vCPUs have left the guest, its memory is free again,
 * axb_vm_gone() was called. AXB_ERR_NOT_FOUND when it does not run. Context: thread. */
enum axb_status machine_vm_stop(uint16_t id);

/** A character typed on its console. Context: thread. */
void machine_vm_input(uint16_t id, char c);

/** A place in its kernel that a register of vCPU 0 tells: VBAR_EL1 is "vectors", LSTAR is
 * "entry_SYSCALL_64". @return false while it is not known (kernel not that far). Context: thread.
 */
bool machine_vm_anchor(uint16_t id, const char **symbol, uint64_t *address);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the self-test programs of both hypervisors share: a second program on the same machine code,
 * which does one forbidden thing, named by the command line, and must be stopped for it. "copy"
 * checks the copy that survives faults; some check probes (selftest_probes.h).
 */
#ifndef AXB_PLATFORMS_REFERENCE_SELFTEST_H_
#define AXB_PLATFORMS_REFERENCE_SELFTEST_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct selftest_case {
	const char *name;
	void (*run)(void);
};

/** May axb_plat_copy_from() read four bytes there? */
struct selftest_copy {
	uint64_t from;
	bool readable;
	const char *what;
};

struct selftest {
	const struct selftest_case *cases; /**< of this hypervisor only */
	size_t case_count;
	const struct selftest_copy *copies; /**< likewise */
	size_t copy_count;
	uint32_t return_insn;           /**< to be run where data is */
	void (*secondary)(uint32_t id); /**< what another CPU does; NULL = none is started */
};

/** Run the case called @name, and end QEMU. Context: boot, CPU 0. */
__attribute__((noreturn)) void selftest_run(const struct selftest *test, const char *name);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What is said to be Linux's is Linux's: compared with the kernel's own headers.
 */
#include <gtest/gtest.h>

#include <asm/ptrace.h>
#include <errno.h>
#include <linux/bpf.h>

#include <cstddef>
#include <map>
#include <string>

#include "codegen/gen/contexts_gen.h"
#include "codegen/gen/helpers_gen.h"
#include "codegen/gen/maps_gen.h"

TEST(Linux, HasTheStandardHelpersUnderTheseIds)
{
#define AXB_X(name) {"bpf_" #name, BPF_FUNC_##name}
	const std::map<std::string, uint32_t> functions = {__BPF_FUNC_MAPPER(AXB_X)};
#undef AXB_X
	for (uint32_t i = 0; i < axb_helper_proto_count; i++) {
		const struct axb_helper_proto &proto = axb_helper_protos[i];
		SCOPED_TRACE(proto.name);
		if (proto.id >= AXB_HELPER_HYPERVISOR_FIRST) {
			EXPECT_EQ(0u, functions.count(proto.name));
		} else {
			ASSERT_EQ(1u, functions.count(proto.name));
			EXPECT_EQ(functions.at(proto.name), proto.id);
		}
	}
}

TEST(Linux, HasTheseMapTypes)
{
#define AXB_X(name) EXPECT_EQ(uint32_t{BPF_MAP_TYPE_##name}, uint32_t{AXB_MAP_TYPE_##name})
	AXB_X(HASH);
	AXB_X(ARRAY);
	AXB_X(PROG_ARRAY);
	AXB_X(PERCPU_HASH);
	AXB_X(PERCPU_ARRAY);
	AXB_X(STACK_TRACE);
	AXB_X(LRU_HASH);
	AXB_X(LRU_PERCPU_HASH);
	AXB_X(LPM_TRIE);
	AXB_X(QUEUE);
	AXB_X(STACK);
	AXB_X(RINGBUF);
	AXB_X(BLOOM_FILTER);
#undef AXB_X
}

TEST(Linux, HasTheseFlagsAndErrors)
{
#define AXB_X(name) EXPECT_EQ(uint32_t{BPF_##name}, uint32_t{AXB_BPF_##name})
	AXB_X(ANY);
	AXB_X(NOEXIST);
	AXB_X(EXIST);
	AXB_X(F_LOCK);
	AXB_X(F_NO_PREALLOC);
	AXB_X(F_NO_COMMON_LRU);
	AXB_X(F_NUMA_NODE);
	AXB_X(F_RDONLY);
	AXB_X(F_WRONLY);
	AXB_X(F_STACK_BUILD_ID);
	AXB_X(F_ZERO_SEED);
	AXB_X(F_RDONLY_PROG);
	AXB_X(F_WRONLY_PROG);
	AXB_X(F_CLONE);
	AXB_X(F_MMAPABLE);
	AXB_X(F_PRESERVE_ELEMS);
	AXB_X(F_INNER_MAP);
	AXB_X(RB_NO_WAKEUP);
	AXB_X(RB_FORCE_WAKEUP);
	AXB_X(RB_AVAIL_DATA);
	AXB_X(RB_RING_SIZE);
	AXB_X(RB_CONS_POS);
	AXB_X(RB_PROD_POS);
#undef AXB_X
#define AXB_X(name) EXPECT_EQ(name, AXB_##name)
	AXB_X(EPERM);
	AXB_X(ENOENT);
	AXB_X(E2BIG);
	AXB_X(EAGAIN);
	AXB_X(ENOMEM);
	AXB_X(EFAULT);
	AXB_X(EBUSY);
	AXB_X(EEXIST);
	AXB_X(EINVAL);
	AXB_X(ENOSPC);
	AXB_X(ERANGE);
	AXB_X(ENAMETOOLONG);
	AXB_X(EOPNOTSUPP);
#undef AXB_X
}

#ifdef __x86_64__
TEST(Linux, HasThisLayoutOfRegisters)
{
	EXPECT_EQ(sizeof(struct pt_regs), sizeof(struct axb_pt_regs_x86_64));
#define AXB_X(name)                                                                                \
	EXPECT_EQ(offsetof(struct pt_regs, name), offsetof(struct axb_pt_regs_x86_64, name))
	AXB_X(r15);
	AXB_X(r14);
	AXB_X(r13);
	AXB_X(r12);
	AXB_X(rbp);
	AXB_X(rbx);
	AXB_X(r11);
	AXB_X(r10);
	AXB_X(r9);
	AXB_X(r8);
	AXB_X(rax);
	AXB_X(rcx);
	AXB_X(rdx);
	AXB_X(rsi);
	AXB_X(rdi);
	AXB_X(orig_rax);
	AXB_X(rip);
	AXB_X(cs);
	AXB_X(eflags);
	AXB_X(rsp);
	AXB_X(ss);
#undef AXB_X
}
#endif

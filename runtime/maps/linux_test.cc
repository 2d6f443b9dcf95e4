/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The same definitions and operations here and in the Linux kernel: the same answers. Skipped where
 * bpf(2) is not allowed.
 */
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <string>

#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/maps/map.h"
#include "runtime/maps/testing.h"

using axb_testing::ArrayDef;
using axb_testing::HashDef;
using axb_testing::TestMap;

namespace
{

uint64_t Ptr(const void *p)
{
	return reinterpret_cast<uintptr_t>(p);
}

/* 0, a file, or -errno. */
int64_t Bpf(int command, bpf_attr *attr)
{
	long result = syscall(SYS_bpf, command, attr, sizeof(*attr));
	return result < 0 ? -errno : result;
}

class LinuxMap
{
      public:
	explicit LinuxMap(const axb_map_def &def)
	{
		bpf_attr attr = {};
		attr.map_type = def.type;
		attr.key_size = def.key_size;
		attr.value_size = def.value_size;
		attr.max_entries = def.max_entries;
		attr.map_flags = def.flags;
		fd_ = Bpf(BPF_MAP_CREATE, &attr);
	}
	~LinuxMap()
	{
		if (fd_ >= 0) {
			close(static_cast<int>(fd_));
		}
	}
	LinuxMap(const LinuxMap &) = delete;
	LinuxMap &operator=(const LinuxMap &) = delete;
	int64_t created() const
	{
		return fd_;
	}
	int64_t Do(int command, const void *key, void *value, uint64_t flags = 0)
	{
		bpf_attr attr = {};
		attr.map_fd = static_cast<uint32_t>(fd_);
		attr.key = Ptr(key);
		attr.value = Ptr(value);
		attr.flags = flags;
		return Bpf(command, &attr);
	}

      private:
	int64_t fd_;
};

class AxbMapLinux : public testing::Test
{
      protected:
	void SetUp() override
	{
		LinuxMap probe(ArrayDef(8, 1));
		if (probe.created() == -EPERM || probe.created() == -ENOSYS) {
			GTEST_SKIP() << "bpf(2): " << strerror(errno);
		}
	}
};

TEST_F(AxbMapLinux, AgreesAboutDefinitions)
{
	for (uint32_t type : {AXB_MAP_TYPE_HASH, AXB_MAP_TYPE_ARRAY, AXB_MAP_TYPE_PERCPU_ARRAY,
		     AXB_MAP_TYPE_RINGBUF}) {
		for (uint32_t key_size : {0, 1, 4, 8, 512}) {
			for (uint32_t value_size : {0, 1, 4, 9}) {
				for (uint32_t max_entries : {0, 1, 3, 4095, 4096, 8192, 12288}) {
					axb_map_def def = {
						type, key_size, value_size, max_entries, 0};
					TestMap ours(def);
					LinuxMap theirs(def);
					EXPECT_EQ(ours.status == AXB_OK, theirs.created() >= 0)
						<< type << " " << key_size << " " << value_size
						<< " " << max_entries;
				}
			}
		}
	}
}

/* What Linux takes and we refuse is listed in map.h; the other way round must not happen. */
TEST_F(AxbMapLinux, TakesNoFlagThatLinuxRefuses)
{
	for (axb_map_def def : {HashDef(4, 8, 4), ArrayDef(8, 4)}) {
		for (uint32_t bit = 0; bit < 32; bit++) {
			def.flags = 1u << bit;
			TestMap ours(def);
			LinuxMap theirs(def);
			EXPECT_TRUE(ours.status != AXB_OK || theirs.created() >= 0) << bit;
		}
	}
}

void CompareOperations(const axb_map_def &def)
{
	TestMap ours(def);
	LinuxMap theirs(def);
	std::mt19937 random(9);
	ASSERT_EQ(ours.status, AXB_OK);
	ASSERT_GE(theirs.created(), 0);
	for (int i = 0; i < 5000; i++) {
		uint32_t key = random() % 12;
		uint64_t value = random();
		uint64_t flags = random() % 6;
		uint64_t read = 0;
		switch (random() % 4) {
		case 0: {
			void *at = axb_map_lookup(ours, &key);
			int64_t result = theirs.Do(BPF_MAP_LOOKUP_ELEM, &key, &read);
			ASSERT_EQ(at != nullptr, result == 0);
			ASSERT_TRUE(at == nullptr || memcmp(at, &read, 8) == 0);
			break;
		}
		case 1:
			ASSERT_EQ(axb_map_update(ours, &key, &value, flags),
				theirs.Do(BPF_MAP_UPDATE_ELEM, &key, &value, flags))
				<< key << " " << flags;
			break;
		case 2:
			ASSERT_EQ(axb_map_delete(ours, &key),
				theirs.Do(BPF_MAP_DELETE_ELEM, &key, nullptr));
			break;
		default: {
			/* Which key follows depends on the hash; that one does or not does not. */
			uint32_t next = 0;
			uint32_t theirs_next = 0;
			int64_t result = axb_map_next_key(ours, nullptr, &next);
			ASSERT_EQ(result, theirs.Do(BPF_MAP_GET_NEXT_KEY, nullptr, &theirs_next));
			if (def.type == AXB_MAP_TYPE_ARRAY) {
				ASSERT_EQ(axb_map_next_key(ours, &key, &next),
					theirs.Do(BPF_MAP_GET_NEXT_KEY, &key, &theirs_next));
				ASSERT_TRUE(key == 7 || next == theirs_next);
			}
		}
		}
	}
}

TEST_F(AxbMapLinux, AgreesAboutOperationsOnHash)
{
	CompareOperations(HashDef(4, 8, 8));
}

TEST_F(AxbMapLinux, AgreesAboutOperationsOnArray)
{
	CompareOperations(ArrayDef(8, 8));
}

} // namespace

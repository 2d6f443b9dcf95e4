/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <cstdlib>
#include <cstring>
#include <map>

#include <gtest/gtest.h>

#include "platforms/reference/devices/npt.h"
#include "platforms/reference/pages.h"

namespace
{

int tables_alive;
int tables_left = 1000;
std::map<uint64_t, uint64_t> leaves_freed;

void FreeLeaf(axb_hpa_t hpa, uint64_t size)
{
	EXPECT_TRUE(leaves_freed.emplace(hpa.pa, size).second);
}

class Npt : public testing::Test
{
      protected:
	Npt()
	{
		tables_left = 1000;
		leaves_freed.clear();
		EXPECT_EQ(npt_init(&npt_), AXB_OK);
	}
	~Npt()
	{
		npt_deinit(&npt_, FreeLeaf);
		EXPECT_EQ(tables_alive, 0);
	}
	enum axb_status Map(uint64_t gpa, uint64_t hpa, uint64_t size)
	{
		return npt_map(&npt_, axb_gpa_t{gpa}, axb_hpa_t{hpa}, size);
	}
	uint64_t Translate(uint64_t gpa)
	{
		axb_hpa_t hpa = {};
		return npt_translate(&npt_, axb_gpa_t{gpa}, &hpa) ? hpa.pa : 0;
	}
	uint64_t Entry(uint64_t gpa)
	{
		uint64_t *table = npt_.root;
		for (int level = 3;; level--) {
			uint64_t entry = table[gpa >> (12 + 9 * level) & 511];
			if (level == 0 || (entry & 1) == 0 || (entry & 0x80) != 0) {
				return entry;
			}
			table = (uint64_t *)(entry & 0xffffffffff000);
		}
	}
	struct npt npt_ = {};
};

TEST_F(Npt, MapsPagesAndBlocks)
{
	ASSERT_EQ(Map(0x201000, 0x7000, NPT_PAGE_SIZE), AXB_OK);
	ASSERT_EQ(Map(0x40000000, 0x600000, NPT_BLOCK_SIZE), AXB_OK);
	EXPECT_EQ(Translate(0x201123), 0x7123u);
	EXPECT_EQ(Translate(0x40012345), 0x612345u);
	EXPECT_EQ(Translate(0x200000), 0u);
	EXPECT_EQ(Translate(UINT64_C(1) << 48 | 0x201000), 0u);
	EXPECT_EQ(Map(0x201000, 0x8000, NPT_PAGE_SIZE), AXB_ERR_EXISTS);
	EXPECT_EQ(Map(0x40003000, 0x8000, NPT_PAGE_SIZE), AXB_ERR_EXISTS);
	EXPECT_EQ(Map(0x200000, 0x800000, NPT_BLOCK_SIZE), AXB_ERR_EXISTS);
	EXPECT_TRUE(npt_has_pages(&npt_, axb_gpa_t{0x200000}));
	EXPECT_FALSE(npt_has_pages(&npt_, axb_gpa_t{0x400000}));
	EXPECT_FALSE(npt_has_pages(&npt_, axb_gpa_t{0x40000000}));
}

TEST_F(Npt, SplitsABlockBeforeAPermissionChanges)
{
	ASSERT_EQ(Map(0x400000, 0x600000, NPT_BLOCK_SIZE), AXB_OK);
	ASSERT_EQ(npt_protect(&npt_, axb_gpa_t{0x403000}, NPT_READ), AXB_OK);
	EXPECT_EQ(Entry(0x403000), UINT64_C(1) << 63 | 0x603000 | 5);
	for (uint64_t gpa = 0x400000; gpa < 0x600000; gpa += NPT_PAGE_SIZE) {
		EXPECT_EQ(Translate(gpa), gpa + 0x200000);
		if (gpa != 0x403000) {
			EXPECT_EQ(Entry(gpa), (gpa + 0x200000) | 7);
		}
	}
	ASSERT_EQ(npt_protect(&npt_, axb_gpa_t{0x403000}, NPT_ALL), AXB_OK);
	EXPECT_EQ(Entry(0x403000), UINT64_C(0x603007));
	npt_deinit(&npt_, FreeLeaf);
	EXPECT_EQ(leaves_freed.size(), 512u);
}

TEST_F(Npt, RefusesToProtectWhatIsNotMapped)
{
	EXPECT_EQ(npt_protect(&npt_, axb_gpa_t{0x1000}, NPT_READ), AXB_ERR_NOT_FOUND);
}

TEST_F(Npt, ChangesNothingWithoutMemory)
{
	ASSERT_EQ(Map(0x400000, 0x600000, NPT_BLOCK_SIZE), AXB_OK);
	tables_left = 0;
	EXPECT_EQ(npt_protect(&npt_, axb_gpa_t{0x403000}, NPT_READ), AXB_ERR_NOMEM);
	EXPECT_EQ(Entry(0x403000), UINT64_C(0x600087));
	tables_left = 1;
	EXPECT_EQ(Map(0x8000000000, 0x7000, NPT_PAGE_SIZE), AXB_ERR_NOMEM);
	EXPECT_EQ(Translate(0x8000000000), 0u);
	tables_left = 1000;
	EXPECT_EQ(Map(0x8000000000, 0x7000, NPT_PAGE_SIZE), AXB_OK);
}

TEST_F(Npt, FreesEachLeafOnce)
{
	ASSERT_EQ(Map(0, 0x7000, NPT_PAGE_SIZE), AXB_OK);
	ASSERT_EQ(Map(0xfeb00000, 0x9000, NPT_PAGE_SIZE), AXB_OK);
	ASSERT_EQ(Map(0x40000000, 0x600000, NPT_BLOCK_SIZE), AXB_OK);
	npt_deinit(&npt_, FreeLeaf);
	const std::map<uint64_t, uint64_t> expected = {
		{0x7000, NPT_PAGE_SIZE}, {0x9000, NPT_PAGE_SIZE}, {0x600000, NPT_BLOCK_SIZE}};
	EXPECT_EQ(leaves_freed, expected);
}

} // namespace

void *pages_alloc(void)
{
	if (tables_left == 0) {
		return nullptr;
	}
	tables_left--;
	tables_alive++;
	void *page = aligned_alloc(NPT_PAGE_SIZE, NPT_PAGE_SIZE);
	memset(page, 0, NPT_PAGE_SIZE);
	return page;
}

void pages_free(void *page)
{
	tables_alive--;
	free(page);
}

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/event/recorder.h"

#include <gtest/gtest.h>

#include "runtime/base/types.h"

namespace
{

class AxbRecorder : public testing::Test
{
      protected:
	void SetUp() override
	{
		axb_recorder_init(&recorder_, 4, memory_);
	}
	void Put(uint64_t position)
	{
		axb_trace_event event = {};
		event.duration_ns = position + 1;
		axb_recorder_put(&recorder_, position, &event);
	}
	size_t Get(uint64_t end)
	{
		return axb_recorder_get(&recorder_, end, events_, 4);
	}
	AXB_ALIGNED(64) uint64_t memory_[4 * 9] = {};
	axb_recorder recorder_ = {};
	axb_trace_event events_[4] = {};
};

TEST_F(AxbRecorder, FitsItsMemory)
{
	EXPECT_EQ(axb_recorder_memory_size(4), sizeof(memory_));
}

TEST_F(AxbRecorder, LeavesAnEventThatIsBeingWrittenAlone)
{
	recorder_.states[0] = 2 * 0 + 1; /* event 0 is interrupted */
	Put(4);
	EXPECT_EQ(recorder_.states[0], 1u);
	EXPECT_EQ(recorder_.words[7], 0u);
	EXPECT_EQ(Get(5), 0u);
}

TEST_F(AxbRecorder, DoesNotOverwriteANewerEvent)
{
	Put(4);
	Put(0); /* resumes after the trap that wrote 4 */
	ASSERT_EQ(Get(5), 1u);
	EXPECT_EQ(events_[0].duration_ns, 5u);
}

TEST_F(AxbRecorder, LeavesOutWhatIsOverwrittenWhileItIsRead)
{
	for (uint64_t i = 0; i < 4; i++) {
		Put(i);
	}
	recorder_.states[1] = 2 * 5 + 1;
	ASSERT_EQ(Get(4), 3u);
	EXPECT_EQ(events_[0].duration_ns, 1u);
	EXPECT_EQ(events_[1].duration_ns, 3u);
	EXPECT_EQ(events_[2].duration_ns, 4u);
}

} // namespace

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * An embedded file is that file. Argument: its path.
 */
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "codegen/embed/sample_gen.h"

namespace
{

std::string path;

} // namespace

TEST(EmbedFile, HasTheBytesOfTheFile)
{
	std::ifstream stream(path, std::ios::binary);
	const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
	ASSERT_LT(0u, bytes.size());
	EXPECT_EQ(bytes, std::string(axb_embed_sample, axb_embed_sample + axb_embed_sample_size));
	EXPECT_EQ(0u, reinterpret_cast<uintptr_t>(axb_embed_sample) % 64);
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	path = argc > 1 ? argv[1] : "";
	return RUN_ALL_TESTS();
}

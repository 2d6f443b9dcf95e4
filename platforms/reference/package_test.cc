// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include "platforms/reference/package.h"

#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace
{

constexpr uint64_t kMib = 1 << 20;

// Two VMs, two files, some data.
struct Image {
	package_header header;
	package_vm vms[2];
	package_file files[2];
	uint8_t data[64];
};

Image Good()
{
	Image image = {};
	image.header = {PACKAGE_MAGIC, sizeof(Image), 2, 2, offsetof(Image, vms),
		offsetof(Image, files), 0};
	for (int i = 0; i < 2; i++) {
		package_vm &vm = image.vms[i];
		std::snprintf(vm.name, sizeof(vm.name), "vm-%d", i);
		vm.vcpu_count = 1;
		vm.ram_base = 0x40000000;
		vm.ram_size = 2 * kMib;
		vm.entry = 0x40000000;
		vm.piece_count = 1;
		vm.pieces[0] = {offsetof(Image, data), 16, 0x40000000};
		std::snprintf(image.files[i].name, PACKAGE_NAME_SIZE, "file-%d", i);
		image.files[i].offset = offsetof(Image, data) + i;
		image.files[i].size = 8;
	}
	for (int i = 0; i < 64; i++) {
		image.data[i] = static_cast<uint8_t>(i);
	}
	return image;
}

axb_status Open(const Image &image, struct package *package, std::string *why = nullptr)
{
	const char *text = "";
	axb_status st = package_open(axb_bytes_of(&image, sizeof(image)), package, &text);
	if (why != nullptr) {
		*why = text;
	}
	return st;
}

TEST(Package, GivesWhatIsInIt)
{
	Image image = Good();
	struct package package;
	axb_bytes bytes;
	ASSERT_EQ(AXB_OK, Open(image, &package));
	EXPECT_STREQ("vm-1", package_get_vm(&package, 2)->name);
	ASSERT_TRUE(package_get_file(&package, "file-1", &bytes));
	EXPECT_EQ(8u, bytes.size);
	EXPECT_EQ(1, bytes.data[0]);
	EXPECT_FALSE(package_get_file(&package, "file-2", &bytes));
}

TEST(Package, RefusesWithAReason)
{
	const struct {
		std::function<void(Image *)> change;
		axb_status status;
		const char *why;
	} cases[] = {
		{[](Image *i) { i->header.magic++; }, AXB_ERR_NOT_FOUND, "there is no VM package"},
		{[](Image *i) { i->header.size++; }, AXB_ERR_TRUNCATED,
			"it ends before the size that it says"},
		{[](Image *i) { i->header.size = 8; }, AXB_ERR_TRUNCATED,
			"it ends before the size that it says"},
		{[](Image *i) { i->header.vm_count = 9; }, AXB_ERR_FORMAT,
			"it has too many VMs or files"},
		{[](Image *i) { i->header.file_count = UINT32_MAX; }, AXB_ERR_FORMAT,
			"it has too many VMs or files"},
		{[](Image *i) { i->header.vms_offset = UINT64_MAX - 7; }, AXB_ERR_FORMAT,
			"a table lies outside or is not aligned"},
		{[](Image *i) { i->header.files_offset++; }, AXB_ERR_FORMAT,
			"a table lies outside or is not aligned"},
		{[](Image *i) { i->vms[0].name[0] = '\0'; }, AXB_ERR_FORMAT,
			"a VM has no proper name"},
		{[](Image *i) { std::memset(i->vms[0].name, 'x', PACKAGE_NAME_SIZE); },
			AXB_ERR_FORMAT, "a VM has no proper name"},
		{[](Image *i) { i->vms[0].name[3] = '1'; }, AXB_ERR_FORMAT,
			"two VMs have the same name"},
		{[](Image *i) { i->vms[0].vcpu_count = 0; }, AXB_ERR_FORMAT,
			"a VM has no vCPU, or too many"},
		{[](Image *i) { i->vms[1].vcpu_count = 5; }, AXB_ERR_FORMAT,
			"a VM has no vCPU, or too many"},
		{[](Image *i) { i->vms[0].ram_base += kMib; }, AXB_ERR_FORMAT,
			"RAM of a VM is not in units of 2 MiB"},
		{[](Image *i) { i->vms[0].ram_size = 0; }, AXB_ERR_FORMAT,
			"RAM of a VM is not in units of 2 MiB"},
		{[](Image *i) { i->vms[0].ram_size = UINT64_MAX - 2 * kMib + 1; }, AXB_ERR_FORMAT,
			"RAM of a VM is not in units of 2 MiB"},
		{[](Image *i) { i->vms[0].entry--; }, AXB_ERR_FORMAT,
			"the entry of a VM is not in its RAM"},
		{[](Image *i) { i->vms[0].symbols_size = UINT64_MAX; }, AXB_ERR_FORMAT,
			"symbols or command line of a VM lie outside"},
		{[](Image *i) { i->vms[0].command_line_offset = UINT64_MAX; }, AXB_ERR_FORMAT,
			"symbols or command line of a VM lie outside"},
		{[](Image *i) { i->vms[0].piece_count = 9; }, AXB_ERR_FORMAT,
			"a VM has too many pieces"},
		{[](Image *i) { i->vms[0].pieces[0].size = sizeof(Image); }, AXB_ERR_FORMAT,
			"a piece of a VM lies outside of the package"},
		{[](Image *i) { i->vms[0].pieces[0].gpa += 2 * kMib - 15; }, AXB_ERR_FORMAT,
			"a piece of a VM lies outside of its RAM"},
		{[](Image *i) { i->vms[0].pieces[0].gpa = 0; }, AXB_ERR_FORMAT,
			"a piece of a VM lies outside of its RAM"},
		{[](Image *i) { i->files[1].name[0] = '\0'; }, AXB_ERR_FORMAT,
			"a file has no proper name"},
		{[](Image *i) { i->files[1].name[5] = '0'; }, AXB_ERR_FORMAT,
			"two files have the same name"},
		{[](Image *i) { i->files[1].size = sizeof(Image); }, AXB_ERR_FORMAT,
			"a file lies outside"},
	};
	for (const auto &c : cases) {
		Image image = Good();
		struct package package;
		std::string why;
		SCOPED_TRACE(c.why);
		c.change(&image);
		EXPECT_EQ(c.status, Open(image, &package, &why));
		EXPECT_EQ(c.why, why);
	}
}

TEST(Package, EveryTruncationIsRefused)
{
	Image image = Good();
	struct package package;
	const char *why;
	for (size_t size = 0; size < sizeof(image); size++) {
		std::vector<uint64_t> copy(size / 8 + 1);
		std::memcpy(copy.data(), &image, size);
		EXPECT_NE(AXB_OK, package_open(axb_bytes_of(copy.data(), size), &package, &why))
			<< size;
	}
}

} // namespace

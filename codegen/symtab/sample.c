/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * One symbol of each letter.
 */
int in_bss;
int in_data = 1;
const int in_rodata = 2;
static int local_in_bss;
static int local_in_data = 3;
__attribute__((weak)) int weak_object = 4;

__attribute__((noinline)) static int local_function(int *p)
{
	return (*p)++;
}

__attribute__((weak)) int weak_function(void)
{
	return local_function(&local_in_bss) + local_function(&local_in_data);
}

int main(void)
{
	return weak_function() + weak_object + in_bss + in_data + in_rodata;
}

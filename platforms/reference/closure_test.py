# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""All that runs on the way into and out of a probe is in the section that probes refuse, in both hypervisors as they are linked."""

import unittest

from platforms.reference import closure

ELF = "platforms/{}_qemu/hypervisor.elf"
END = "the end: whoever comes here does not come from a breakpoint of a probe"
GUARDED = "the recursion guard is set: a hit is a nested one"
CAN_TRAP = "from here on this CPU can take breakpoints"
BOOT = "nothing is probed yet"

HANDLERS = {"axb_probe_dispatch": ["hprobe_on_trap"]}
STUBS = ["hprobe_site_entry", "hprobe_return_stub"]
ALLOWED = {("hprobe_on_trap", "hit"): GUARDED, ("hprobe_on_site", "hit"): GUARDED, ("hprobe_on_return", "returned"): GUARDED,
           ("hprobe_on_return", "axb_plat_panic"): END, ("take", "axb_plat_panic"): END, ("secondary_main", "secondary_run"): CAN_TRAP}
# Roots, indirect branches, calls that may leave the section.
PLATFORMS = {
    "aarch64": (
        ["vectors", "vcpu_enter", "enter", "text_answer", "_start", "secondary_start", *STUBS],
        {**HANDLERS, "axb_a64_simulate": ["read_text"]},
        {**ALLOWED, ("trap_el2", "die"): END, ("stack_overflow", "trap_stack_overflow"): END,
         ("_start", "mmu_build_tables"): BOOT, ("_start", "main"): BOOT}),
    "x86_64": (
        # start32 and what follows is code of 32 and 16 bits: objdump does not see its jump to start64.
        ["trap_stubs", "vcpu_enter", "text_answer", "start32", "start64", "secondary64", *STUBS],
        # These two jump by tables of their own; the stub goes where the function was to return.
        {**HANDLERS, "axb_x86_simulate": [], "trap_host": [], "hprobe_return_stub": []},
        {**ALLOWED, ("trap_host", "die"): END, ("trap_host", "lapic_eoi"): "an interrupt, no breakpoint",
         ("start64", "mmu_build_tables"): BOOT, ("start64", "main"): BOOT}),
}


class Closure(unittest.TestCase):
    def test_is_in_the_section(self):
        for arch, tables in PLATFORMS.items():
            with self.subTest(arch):
                problems, functions = closure.check(closure.Image(arch, ELF.format(arch)), *tables)
                self.assertEqual(problems, [])
                self.assertGreater(len(functions), 15)
                self.assertIn("hprobe_on_trap", functions)

    def test_each_function_taken_out_is_found(self):
        for arch, tables in PLATFORMS.items():
            image = closure.Image(arch, ELF.format(arch))
            _, functions = closure.check(image, *tables)
            for name in functions:
                with self.subTest(arch + " " + name):
                    problems, _ = closure.check(image, *tables, outside={name})
                    self.assertIn(f"{name} is on the way of a probe, but not in the section", problems)

    def test_each_line_of_the_tables_is_needed(self):
        for arch, (roots, indirect, allowed) in PLATFORMS.items():
            image = closure.Image(arch, ELF.format(arch))
            for entry in [*indirect, *allowed]:
                with self.subTest(f"{arch} {entry}"):
                    problems, _ = closure.check(image, roots, {k: v for k, v in indirect.items() if k != entry},
                                                {k: v for k, v in allowed.items() if k != entry})
                    self.assertNotEqual(problems, [])


if __name__ == "__main__":
    unittest.main()

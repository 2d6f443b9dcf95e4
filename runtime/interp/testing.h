/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * For tests of the engines: a program from assembly to both variants of the interpreter.
 */
#ifndef AXB_RUNTIME_INTERP_TESTING_H_
#define AXB_RUNTIME_INTERP_TESTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/arena.h"
#include "runtime/base/text.h"
#include "runtime/helpers/env.h"
#include "runtime/interp/interp.h"
#include "runtime/interp/unchecked.h"
#include "runtime/isa/testing/assembler.h"
#include "runtime/verifier/verify.h"

namespace axb_testing
{

struct ProgramOptions {
	axb_prog_type type;
	std::vector<axb_map *> maps;
	const axb_helper_table *helpers;
};

/** Verified and pre-decoded; error says which step failed. */
class Program
{
      public:
	Program(const std::vector<axb_insn> &insns, const ProgramOptions &options)
	    : options_(options)
	{
		const axb_code code = {insns.data(), (uint32_t)insns.size(), options_.type,
			options_.maps.data(), (uint32_t)options_.maps.size(), options_.helpers};
		memory_.resize(4096 + insns.size() * 32);
		axb_arena arena;
		axb_arena_init(&arena, memory_.data(), memory_.size() * sizeof(uint64_t));
		status = axb_verify(&code, &arena, &checked_, &reject);
		if (status == AXB_ERR_REJECTED) {
			char buffer[256];
			axb_text text;
			axb_text_init(&text, buffer, sizeof(buffer));
			axb_reject_explain(&reject, &text);
			error = buffer;
		} else if (status != AXB_OK ||
			   axb_interp_create(checked_, &arena, &checked_interp) != AXB_OK ||
			   axb_interp_create_unchecked(checked_, &arena, &unchecked_interp) !=
				   AXB_OK) {
			error = "out of memory";
		}
	}

	static Program FromText(const std::string &text, const ProgramOptions &options)
	{
		Assembly assembly = Assemble(text);
		Program program(assembly.insns, options);
		if (!assembly.error.empty()) {
			program.error = assembly.error;
		}
		return program;
	}

	Program(Program &&) = default;

	std::string error; /**< empty = good */
	enum axb_status status = AXB_OK;
	axb_reject reject = {};
	const axb_interp *checked_interp = nullptr;
	const axb_interp *unchecked_interp = nullptr;

      private:
	ProgramOptions options_;
	const axb_checked *checked_ = nullptr;
	std::vector<uint64_t> memory_;
};

/** Result of one run. */
struct Outcome {
	axb_run_result result;
	uint64_t r0;
	axb_run_fault fault;
};

/** Run with @context, which the program may write, as r1; empty = NULL. */
inline Outcome RunWith(const axb_interp *interp, std::vector<uint8_t> *context)
{
	axb_env env = {};
	env.ctx = context->empty() ? nullptr : context->data();
	env.ctx_size = (uint32_t)context->size();
	env.ctx_writable = true;
	axb_run_result result = axb_interp_run(interp, &env);
	return {result, env.r0, env.fault};
}

} // namespace axb_testing

#endif

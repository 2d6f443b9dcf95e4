/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The "trace" shell: lines of text in, lines of text out, over what runtime/ offers. A platform
 * feeds it the lines that are typed or scripted and writes what it says. Context of all: thread,
 * one user at a time.
 */
#ifndef AXB_PLATFORMS_SHELL_SHELL_H_
#define AXB_PLATFORMS_SHELL_SHELL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/bytes.h"
#include "runtime/base/status.h"
#include "runtime/sym/sym.h"

#ifdef __cplusplus
extern "C" {
#endif

struct axb_probe_kind;

/** What the platform gives. */
struct axb_shell_config {
	/** Writes text, whole lines at a time. */
	void (*write)(void *cookie, const char *text, size_t length);
	/** Reads the file @path for "trace load"; *@out stays valid until the next call. NULL =
	 * this platform has no files. */
	bool (*read_file)(void *cookie, const char *path, struct axb_bytes *out);
	/** Symbols of the kernel in VM @vm, where it runs; NULL with the reason in *@why. NULL =
	 * this platform has no VMs. */
	const struct axb_symtab *(*guest_symbols)(void *cookie, uint16_t vm, const char **why);
	/** Take @blob (runtime/sym) as the symbols of the kernel in @vm; it is copied. */
	enum axb_status (*load_guest_symbols)(void *cookie, uint16_t vm, struct axb_bytes blob);
	/** The kinds of probes that are linked in; must stay. */
	const struct axb_probe_kind *const *kinds;
	uint32_t kind_count;
	void *cookie;
};

/** Longest line, NUL included; longer ones are refused. */
#define AXB_SHELL_LINE_MAX 256u

/** Set up, once more replaces. @config is copied. Context: thread, after axb_init(). */
void axb_shell_init(const struct axb_shell_config *config);

/**
 * Execute a line: "trace COMMAND ..." or nothing. What is wrong with it is said through write().
 * @return AXB_OK; else why it was not done.
 */
enum axb_status axb_shell_run(const char *line);

struct editor_offers;

/** Offer the words that can stand behind @before, for struct editor_config (editor.h). */
void axb_shell_complete(const char *before, struct editor_offers *offers);

/** Show new events if "trace stream on" was given. Call it regularly. */
void axb_shell_poll(void);

#ifdef __cplusplus
}
#endif

#endif

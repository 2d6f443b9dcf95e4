/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/trace_stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platforms/reference/machine.h"
#include "runtime/base/atomic.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/text.h"
#include "runtime/event/event.h"
#include "runtime/hooks/core.h"

/* More than all rings of all CPUs and the records of programs hold. */
#define ROOM_MIN (UINT32_C(16) << 20)

/* Of all below; taken by thread code between runs of guests only, and nothing is waited for with
 * it. */
static struct axb_spinlock lock;
static struct axb_stream_writer stream;
static bool is_open;

void trace_fail(const char *what, enum axb_status status)
{
	char buffer[160];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, what);
	axb_text_str(&text, ": ");
	axb_text_str(&text, axb_status_text(status));
	panic(buffer);
}

static bool sink(void *cookie, const void *bytes, size_t size)
{
	(void)cookie;
	return machine_stream_write(bytes, size);
}

void trace_stream_open(const char *name)
{
	if (name == NULL) {
		return;
	}
	if (!machine_stream_open(name)) {
		panic("the stream cannot be opened");
	}
	enum axb_status st = axb_stream_begin(&stream, (enum axb_stream_arch)machine_stream_arch(),
		axb_plat_cpu_count(), sink, NULL);
	if (st != AXB_OK) {
		trace_fail("stream", st);
	}
	axb_store_relaxed(&is_open, true);
}

/* The lock is held. */
static enum axb_status move(enum axb_status (*more)(struct axb_stream_writer *stream))
{
	if (!is_open || machine_stream_room() < ROOM_MIN) {
		return AXB_OK; /* events stay in their rings, where losses are counted */
	}
	AXB_TRY(axb_stream_drain(&stream, NULL));
	return more != NULL ? more(&stream) : AXB_OK;
}

void trace_stream_poll(enum axb_status (*more)(struct axb_stream_writer *stream))
{
	axb_spinlock_lock(&lock);
	enum axb_status st = move(more);
	axb_spinlock_unlock(&lock);
	if (st != AXB_OK) {
		trace_fail("stream", st);
	}
}

void trace_stream_relieve(uint64_t pending_max)
{
	/* Whether it is open is looked at again under the lock. */
	if (axb_load_relaxed(&is_open) && axb_event_backlog(axb_plat_cpu_id()) > pending_max) {
		trace_stream_poll(NULL);
	}
}

void trace_stream_close(enum axb_status (*more)(struct axb_stream_writer *stream))
{
	axb_spinlock_lock(&lock);
	enum axb_status st = move(more);
	if (st == AXB_OK && is_open) {
		st = axb_stream_end(&stream);
		machine_stream_close();
		axb_store_relaxed(&is_open, false);
	}
	axb_spinlock_unlock(&lock);
	if (st != AXB_OK) {
		trace_fail("stream", st);
	}
}

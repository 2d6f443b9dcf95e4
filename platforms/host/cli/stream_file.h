/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Reading a stream file from begin to end for decode and stat.
 */
#ifndef AXB_PLATFORMS_HOST_CLI_STREAM_FILE_H_
#define AXB_PLATFORMS_HOST_CLI_STREAM_FILE_H_

#include "platforms/host/cli/cli.h"
#include "runtime/event/stream.h"
#include "runtime/trace/tp_core.h"

/** What takes a stream: the header, each item in the order of the file, the end of what there is.
 */
struct cli_sink {
	void (*begin)(const struct axb_stream_reader *reader, void *cookie);
	void (*item)(const struct axb_stream_reader *reader, const struct axb_stream_item *item,
		void *cookie);
	void (*end)(const struct axb_stream_reader *reader, void *cookie); /**< may be NULL */
	void *cookie;
};

/**
 * Give the stream args->words[0] to @sink; what is wrong with it is said, after the items before
 * it. Bytes of items stay until end() has returned, unless @follow is set.
 * @param follow  wait for more until the final statistics are there
 */
enum cli_exit cli_read_stream(
	const struct cli_args *args, bool follow, const struct cli_sink *sink);

/** The tracepoint that @event comes from; NULL when from none. */
const struct axb_tp_def *cli_tracepoint_of(const struct axb_trace_event *event);

/** Name of what made @event, to @to of AXB_NAME_MAX bytes: of the tracepoint, "lost", of the
 * stream's name table, "printk"; false when it has none. */
bool cli_event_name(
	const struct axb_stream_reader *reader, const struct axb_trace_event *event, char *to);

#endif

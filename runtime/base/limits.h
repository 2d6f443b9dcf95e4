/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Every capacity and loop bound of the runtime, in one place. A platform with other needs changes
 * them here; nothing else holds a copy.
 */
#ifndef AXB_RUNTIME_BASE_LIMITS_H_
#define AXB_RUNTIME_BASE_LIMITS_H_

/** Physical CPUs. TraceEvent.cpu_id has 8 bits. */
#define AXB_CPU_MAX 64u

/** Instructions of one program, subprograms included (Linux: 4096 unprivileged, 1 M privileged). */
#define AXB_INSN_MAX 65536u
/** Nested bpf-to-bpf frames, the main one included (Linux: MAX_CALL_FRAMES). */
#define AXB_FRAME_MAX 8u
/** Stack bytes of one frame (Linux: MAX_BPF_STACK). */
#define AXB_STACK_MAX 512u
/** Instructions that one run may execute before it is stopped with a fault. */
#define AXB_FUEL_DEFAULT 4000000u

/** Loaded objects. */
#define AXB_OBJECT_MAX 128u
/** Loaded programs, maps, programs of one object, maps of one object and of one program. */
#define AXB_PROG_MAX 256u
#define AXB_MAP_MAX 256u
#define AXB_OBJECT_PROG_MAX 64u
#define AXB_OBJECT_MAP_MAX 64u
#define AXB_OBJECT_SECTION_MAX 512u
#define AXB_PROG_MAP_MAX 64u
/** Bytes of a hash map's key: it must fit a program's stack. */
#define AXB_MAP_KEY_MAX AXB_STACK_MAX
/** Entries of a hash map. */
#define AXB_MAP_HASH_ENTRIES_MAX (1u << 30)
/** Looks at a bucket lock that another CPU holds, before the operation is refused as busy. */
#define AXB_MAP_SPIN_MAX 16384u
/** Attempts of an operation that other CPUs keep overtaking. */
#define AXB_MAP_RETRY_MAX 1024u
/** Data area of a ringbuf map: a multiple of the first, at most the second. */
#define AXB_RINGBUF_GRANULE 4096u
#define AXB_RINGBUF_BYTES_MAX (1u << 28)
/** Ring-buffer records that one run may hold open. */
#define AXB_RESERVE_MAX 8u
/** Bytes of one bpf_trace_printk(), NUL included; the rest is cut. */
#define AXB_PRINTK_MAX 256u
/** Programs on one tracepoint. */
#define AXB_TP_PROG_MAX 8u
/** Bytes of a name, NUL included: programs, maps, tracepoints, helpers. */
#define AXB_NAME_MAX 64u
/** Records of an event ring: powers of two from the first to the second. */
#define AXB_RING_RECORDS_MIN 4u
#define AXB_RING_RECORDS_MAX (1u << 20)
/** Times that traps may overtake one reservation in an event ring before it counts as dropped. */
#define AXB_RING_RETRY_MAX 64u
/** Nested events on one CPU that may each hold an open ring record. */
#define AXB_NEST_MAX 4u

/** Probed addresses of the hypervisor. */
#define AXB_HPROBE_SITE_MAX 2048u
/** Probes on one of them, entry and return together. */
#define AXB_HPROBE_PER_SITE_MAX 8u
/** Different lists of fetch arguments among them. */
#define AXB_HPROBE_FETCH_MAX 64u
/** Return probes that wait on one CPU. */
#define AXB_HPROBE_RETURN_MAX 128u
/** Ranges of code that a platform keeps probes away from. */
#define AXB_HPROBE_FORBIDDEN_MAX 16u

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Kind hash: fixed buckets over preallocated nodes; node i has key i and value i.
 *
 *   bucket b: lock, head -> node -> node -> END|b        free_bits: one bit for each free node
 *
 * Rules:
 * - Writers hold the bucket's lock, with interrupts masked. The lock says which CPU holds it: a
 *   nested operation on that CPU is refused at once, one on another CPU after a bounded wait.
 * - Readers take no lock. A node may be freed and used again under a reader: the end of a chain
 *   names its bucket, so a reader that was led astray sees it and starts again; a node's
 *   generation is odd while its key changes, and differs afterwards, so a reader never takes one
 *   key for another. All that readers see is written atomically.
 * - Whoever frees a node sets its bit before it raises free_count; whoever takes one lowers
 *   free_count first, and so has a bit waiting for it. Nothing here waits for anybody.
 * - A value that somebody looked up may be given to another key after a delete, as with Linux's
 *   preallocated hash maps: memory stays valid, its content changes.
 * Ref: Linux kernel/bpf/hashtab.c for error codes, include/linux/list_nulls.h for named ends.
 */
#include "runtime/hooks/core.h"
#include "runtime/maps/kind.h"

#define LINK_END 0x80000000u
#define NODE_NONE UINT32_MAX

struct bucket {
	uint32_t lock; /**< 0 = free, else the holder's CPU + 1 */
	uint32_t head; /**< link: a node's index, or LINK_END | bucket */
};

struct node {
	uint32_t next; /**< link */
	uint32_t hash;
	uint32_t generation; /**< odd while the key is being written */
};

struct hash_map {
	struct axb_map map;
	struct bucket *buckets;
	struct node *nodes;
	uint64_t *keys; /**< key_words each, the last one zero-padded */
	uint64_t *free_bits;
	uint64_t seed;
	uint64_t busy_count;
	uint32_t bucket_mask;
	uint32_t key_words;
	uint32_t word_count; /**< of free_bits */
	uint32_t free_count;
	uint32_t free_hint; /**< word that had a free bit last */
};

/** What a walk of a chain came to. */
enum found {
	FOUND,
	ABSENT,
	OVERTAKEN, /**< the chain changed under the walk: start again */
};

static const char *hash_check(const struct axb_map_def *def)
{
	if (def->key_size == 0 || def->key_size > AXB_MAP_KEY_MAX) {
		return "key_size";
	}
	if (def->value_size == 0) {
		return "value_size";
	}
	if (def->max_entries == 0 || def->max_entries > AXB_MAP_HASH_ENTRIES_MAX) {
		return "max_entries";
	}
	return NULL;
}

struct layout {
	uint32_t bucket_count;
	uint32_t key_words;
	uint32_t word_count;
	size_t buckets;
	size_t nodes;
	size_t keys;
	size_t free_bits;
	size_t values;
	size_t total;
};

static struct layout lay_out(const struct axb_map_def *def)
{
	struct axb_map_layout l = {0, false};
	struct layout at;
	size_t n = def->max_entries;
	at.bucket_count = n == 1 ? 1u : 2u << axb_log2_u64(n - 1);
	at.key_words = (def->key_size + 7) / 8;
	at.word_count = (uint32_t)((n + 63) / 64);
	(void)axb_map_layout_add(&l, 1, sizeof(struct hash_map));
	at.buckets = axb_map_layout_add(&l, at.bucket_count, sizeof(struct bucket));
	at.nodes = axb_map_layout_add(&l, n, sizeof(struct node));
	at.keys = axb_map_layout_add(&l, n, at.key_words * sizeof(uint64_t));
	at.free_bits = axb_map_layout_add(&l, at.word_count, sizeof(uint64_t));
	at.values =
		axb_map_layout_add(&l, n, (size_t)axb_align_up(def->value_size, sizeof(uint64_t)));
	at.total = l.wrapped ? 0 : l.size;
	return at;
}

static size_t hash_size(const struct axb_map_def *def, uint32_t cpu_count)
{
	(void)cpu_count;
	return lay_out(def).total;
}

static void hash_init(struct axb_map *map)
{
	struct hash_map *h = (struct hash_map *)map;
	struct layout at = lay_out(&map->def);
	uint8_t *block = (uint8_t *)map;
	uint32_t n = map->def.max_entries;

	map->values = block + at.values;
	map->values_size = (size_t)n * map->value_stride;
	h->buckets = (struct bucket *)(block + at.buckets);
	h->nodes = (struct node *)(block + at.nodes);
	h->keys = (uint64_t *)(block + at.keys);
	h->free_bits = (uint64_t *)(block + at.free_bits);
	h->bucket_mask = at.bucket_count - 1;
	h->key_words = at.key_words;
	h->word_count = at.word_count;
	h->free_count = n;
	h->seed = (map->def.flags & AXB_BPF_F_ZERO_SEED) != 0 ? 0 : axb_plat_time_ns();
	for (uint32_t b = 0; b < at.bucket_count; b++) {
		h->buckets[b].head = LINK_END | b;
	}
	for (uint32_t w = 0; w < at.word_count; w++) {
		uint32_t left = n - w * 64;
		h->free_bits[w] = left >= 64 ? UINT64_MAX : (1ull << left) - 1;
	}
}

/** Word @i of the caller's @key of @size bytes, zero-padded. */
static inline uint64_t key_word(const uint8_t *key, uint32_t size, uint32_t i)
{
	uint64_t word = 0;
	uint32_t left = size - i * 8;
	if (left >= 8) {
		memcpy(&word, key + (size_t)i * 8, 8);
	} else if (left == 4) {
		memcpy(&word, key + (size_t)i * 8, 4);
	} else {
		memcpy(&word, key + (size_t)i * 8, left);
	}
	return word;
}

static uint32_t hash_of(const struct hash_map *h, const uint8_t *key)
{
	uint64_t x = h->seed;
	for (uint32_t i = 0; i < h->key_words; i++) {
		x = (x ^ key_word(key, h->map.def.key_size, i)) * 0x9e3779b97f4a7c15ull;
		x ^= x >> 32;
	}
	x *= 0xd6e8feb86659fd93ull;
	return (uint32_t)(x >> 32);
}

static bool node_has_key(
	const struct hash_map *h, uint32_t index, const uint8_t *key, uint32_t hash)
{
	const uint64_t *words = h->keys + (size_t)index * h->key_words;
	if (axb_load_acquire(&h->nodes[index].hash) != hash) {
		return false;
	}
	for (uint32_t i = 0; i < h->key_words; i++) {
		/* Acquire: the generation is looked at again only after the key. */
		if (axb_load_acquire(words + i) != key_word(key, h->map.def.key_size, i)) {
			return false;
		}
	}
	return true;
}

/** Look for @key. @index and @generation are set when it is FOUND. */
static enum found walk(const struct hash_map *h, const uint8_t *key, uint32_t hash, uint32_t *index,
	uint32_t *generation)
{
	uint32_t b = hash & h->bucket_mask;
	uint32_t link = axb_load_acquire(&h->buckets[b].head);
	for (uint32_t steps = 0; steps <= h->map.def.max_entries; steps++) {
		if ((link & LINK_END) != 0) {
			return link == (LINK_END | b) ? ABSENT : OVERTAKEN;
		}
		const struct node *node = &h->nodes[link];
		uint32_t before = axb_load_acquire(&node->generation);
		if ((before & 1) == 0 && node_has_key(h, link, key, hash)) {
			*index = link;
			*generation = before;
			return axb_load_relaxed(&node->generation) == before ? FOUND : OVERTAKEN;
		}
		link = axb_load_acquire(&node->next);
	}
	return OVERTAKEN;
}

static void count_busy(struct hash_map *h)
{
	(void)axb_fetch_add_relaxed(&h->busy_count, 1);
}

/** False, counted, when this CPU holds the lock already or another one does for too long. */
static bool bucket_lock(struct hash_map *h, uint32_t b, uint64_t *irq_state)
{
	*irq_state = axb_plat_irq_save();
	uint32_t self = axb_plat_cpu_id() + 1;
	for (uint32_t i = 0; i < AXB_MAP_SPIN_MAX; i++) {
		uint32_t holder = 0;
		/* Acquire; pairs with the release in bucket_unlock(). */
		if (axb_compare_exchange_acq_rel(&h->buckets[b].lock, &holder, self)) {
			return true;
		}
		if (holder == self) {
			break;
		}
	}
	axb_plat_irq_restore(*irq_state);
	count_busy(h);
	return false;
}

static void bucket_unlock(struct hash_map *h, uint32_t b, uint64_t irq_state)
{
	axb_store_release(&h->buckets[b].lock, 0);
	axb_plat_irq_restore(irq_state);
}

/** walk() that other CPUs cannot keep overtaking for good; OVERTAKEN = refused, counted. */
static enum found find(struct hash_map *h, const uint8_t *key, uint32_t hash, uint32_t *index,
	uint32_t *generation)
{
	for (uint32_t i = 0; i < AXB_MAP_RETRY_MAX; i++) {
		enum found found = walk(h, key, hash, index, generation);
		if (found != OVERTAKEN) {
			return found;
		}
	}
	uint64_t irq_state = 0;
	uint32_t b = hash & h->bucket_mask;
	if (!bucket_lock(h, b, &irq_state)) {
		return OVERTAKEN;
	}
	enum found found = walk(h, key, hash, index, generation);
	bucket_unlock(h, b, irq_state);
	return found;
}

static uint8_t *value_of(const struct hash_map *h, uint32_t index)
{
	return h->map.values + (size_t)index * h->map.value_stride;
}

static void *hash_lookup(struct axb_map *map, const void *key)
{
	struct hash_map *h = (struct hash_map *)map;
	uint32_t hash = hash_of(h, (const uint8_t *)key);
	uint32_t index = 0;
	uint32_t generation = 0;
	if (find(h, (const uint8_t *)key, hash, &index, &generation) != FOUND) {
		return NULL;
	}
	return value_of(h, index);
}

/** Claim one unit of free_count: 0, -AXB_E2BIG or, when overtaken too often, -AXB_EBUSY. */
static int64_t take_unit(struct hash_map *h)
{
	uint32_t count = axb_load_acquire(&h->free_count);
	for (uint32_t i = 0; i < AXB_MAP_RETRY_MAX; i++) {
		if (count == 0) {
			return -AXB_E2BIG;
		}
		if (axb_compare_exchange_acq_rel(&h->free_count, &count, count - 1)) {
			return 0;
		}
	}
	return -AXB_EBUSY;
}

/** Claim a bit of word @w; NODE_NONE when it has none. */
static uint32_t take_bit(struct hash_map *h, uint32_t w)
{
	uint64_t bits = axb_load_relaxed(&h->free_bits[w]);
	for (uint32_t i = 0; i < 64 && bits != 0; i++) {
		uint64_t bit = bits & (~bits + 1);
		/* Acquire; pairs with the release in free_node(): the node is ours alone. */
		uint64_t had = axb_fetch_and_acq_rel(&h->free_bits[w], ~bit);
		if ((had & bit) != 0) {
			axb_store_relaxed(&h->free_hint, w);
			return w * 64 + axb_log2_u64(bit);
		}
		bits = had & ~bit;
	}
	return NODE_NONE;
}

static int64_t take_node(struct hash_map *h, uint32_t *index)
{
	int64_t refused = take_unit(h);
	if (refused != 0) {
		return refused;
	}
	uint32_t w = axb_load_relaxed(&h->free_hint);
	/* Bits may be freed behind us while we look, but not twice round in practice. */
	for (uint32_t i = 0; i < 2 * h->word_count; i++) {
		*index = take_bit(h, w);
		if (*index != NODE_NONE) {
			return 0;
		}
		w = w + 1 == h->word_count ? 0 : w + 1;
	}
	(void)axb_fetch_add_acq_rel(&h->free_count, 1);
	return -AXB_EBUSY;
}

static void free_node(struct hash_map *h, uint32_t index)
{
	uint32_t w = index / 64;
	(void)axb_fetch_or_acq_rel(&h->free_bits[w], 1ull << (index % 64));
	axb_store_relaxed(&h->free_hint, w);
	(void)axb_fetch_add_acq_rel(&h->free_count, 1);
}

/** Make the free node @index the first one of bucket @b, which is locked. */
static void insert_node(struct hash_map *h, uint32_t index, uint32_t b, const uint8_t *key,
	uint32_t hash, const uint8_t *value)
{
	struct node *node = &h->nodes[index];
	uint64_t *words = h->keys + (size_t)index * h->key_words;
	uint32_t generation = axb_load_relaxed(&node->generation);

	axb_store_relaxed(&node->generation, generation + 1);
	/* Release: whoever reads the new key sees the odd generation; pairs with node_has_key(). */
	axb_store_release(&node->hash, hash);
	for (uint32_t i = 0; i < h->key_words; i++) {
		axb_store_release(words + i, key_word(key, h->map.def.key_size, i));
	}
	axb_map_copy_value(value_of(h, index), value, h->map.def.value_size);
	axb_store_release(&node->next, axb_load_relaxed(&h->buckets[b].head));
	axb_store_release(&node->generation, generation + 2);
	/* Release; pairs with the acquire in walk(). */
	axb_store_release(&h->buckets[b].head, index);
}

/** Linux's answer to an update with @flags of a key that is FOUND or ABSENT; 0 = go on. */
static int64_t check_update(enum found found, uint64_t flags)
{
	if (found == OVERTAKEN) {
		return -AXB_EBUSY;
	}
	if (found == FOUND) {
		return flags == AXB_BPF_NOEXIST ? -AXB_EEXIST : 0;
	}
	return flags == AXB_BPF_EXIST ? -AXB_ENOENT : 0;
}

static int64_t hash_update(struct axb_map *map, const void *key, const void *value, uint64_t flags)
{
	struct hash_map *h = (struct hash_map *)map;
	uint32_t hash = hash_of(h, (const uint8_t *)key);
	uint32_t b = hash & h->bucket_mask;
	uint32_t index = 0;
	uint32_t generation = 0;
	uint64_t irq_state = 0;
	if (flags > AXB_BPF_EXIST) {
		return -AXB_EINVAL;
	}
	if (!bucket_lock(h, b, &irq_state)) {
		return -AXB_EBUSY;
	}
	enum found found = walk(h, (const uint8_t *)key, hash, &index, &generation);
	int64_t result = check_update(found, flags);
	if (result == 0 && found == FOUND) {
		axb_map_copy_value(value_of(h, index), (const uint8_t *)value, map->def.value_size);
	} else if (result == 0) {
		result = take_node(h, &index);
		if (result == 0) {
			insert_node(
				h, index, b, (const uint8_t *)key, hash, (const uint8_t *)value);
		}
	}
	if (result == -AXB_EBUSY) {
		count_busy(h);
	}
	bucket_unlock(h, b, irq_state);
	return result;
}

/** Take node @index out of bucket @b, which is locked and has it. */
static void unlink_node(struct hash_map *h, uint32_t b, uint32_t index)
{
	uint32_t *link = &h->buckets[b].head;
	for (uint32_t steps = 0; steps < h->map.def.max_entries; steps++) {
		uint32_t at = axb_load_relaxed(link);
		if (at == index) {
			break;
		}
		link = &h->nodes[at].next;
	}
	axb_store_release(link, axb_load_relaxed(&h->nodes[index].next));
}

static int64_t hash_remove(struct axb_map *map, const void *key)
{
	struct hash_map *h = (struct hash_map *)map;
	uint32_t hash = hash_of(h, (const uint8_t *)key);
	uint32_t b = hash & h->bucket_mask;
	uint32_t index = 0;
	uint32_t generation = 0;
	uint64_t irq_state = 0;
	if (!bucket_lock(h, b, &irq_state)) {
		return -AXB_EBUSY;
	}
	enum found found = walk(h, (const uint8_t *)key, hash, &index, &generation);
	int64_t result = check_update(found, AXB_BPF_EXIST);
	if (result == 0) {
		unlink_node(h, b, index);
		free_node(h, index);
	}
	bucket_unlock(h, b, irq_state);
	return result;
}

/** Copy the key of the node that @link names, unless somebody changes it meanwhile. */
static bool copy_key(const struct hash_map *h, uint32_t link, uint64_t *to)
{
	const struct node *node = &h->nodes[link];
	const uint64_t *words = h->keys + (size_t)link * h->key_words;
	uint32_t before = axb_load_acquire(&node->generation);
	for (uint32_t i = 0; i < h->key_words; i++) {
		to[i] = axb_load_acquire(words + i);
	}
	return (before & 1) == 0 && axb_load_relaxed(&node->generation) == before;
}

/** The first node of the chain that @link continues, or of a later bucket. */
static enum found first_from(const struct hash_map *h, uint32_t link, uint64_t *key)
{
	for (uint32_t i = 0; i <= h->bucket_mask + 1; i++) {
		if ((link & LINK_END) == 0) {
			return copy_key(h, link, key) ? FOUND : OVERTAKEN;
		}
		uint32_t b = (link & ~LINK_END) + 1;
		if (b > h->bucket_mask) {
			return ABSENT;
		}
		link = axb_load_acquire(&h->buckets[b].head);
	}
	return ABSENT;
}

static enum found try_next_key(
	struct hash_map *h, const uint8_t *key, uint32_t hash, uint64_t *next)
{
	uint32_t index = 0;
	uint32_t generation = 0;
	enum found found = key == NULL ? ABSENT : find(h, key, hash, &index, &generation);
	if (found == OVERTAKEN) {
		return OVERTAKEN;
	}
	if (found == ABSENT) {
		return first_from(h, axb_load_acquire(&h->buckets[0].head), next);
	}
	uint32_t link = axb_load_acquire(&h->nodes[index].next);
	if (axb_load_relaxed(&h->nodes[index].generation) != generation) {
		return OVERTAKEN;
	}
	return first_from(h, link, next);
}

static int64_t hash_next_key(struct axb_map *map, const void *key, void *next)
{
	struct hash_map *h = (struct hash_map *)map;
	uint32_t hash = key == NULL ? 0 : hash_of(h, (const uint8_t *)key);
	/* @next may be @key: it is written when the answer is certain. */
	uint64_t copy[AXB_MAP_KEY_MAX / sizeof(uint64_t)];
	for (uint32_t i = 0; i < AXB_MAP_RETRY_MAX; i++) {
		enum found found = try_next_key(h, (const uint8_t *)key, hash, copy);
		if (found == FOUND) {
			memcpy(next, copy, map->def.key_size);
			return 0;
		}
		if (found == ABSENT) {
			return -AXB_ENOENT;
		}
	}
	count_busy(h);
	return -AXB_EBUSY;
}

static uint32_t hash_entry_count(const struct axb_map *map)
{
	const struct hash_map *h = (const struct hash_map *)map;
	return map->def.max_entries - axb_load_relaxed(&h->free_count);
}

static uint64_t hash_busy_count(const struct axb_map *map)
{
	return axb_load_relaxed(&((const struct hash_map *)map)->busy_count);
}

const struct axb_map_ops axb_map_hash_ops = {
	.type = AXB_MAP_TYPE_HASH,
	/* Memory is always preallocated: BPF_F_NO_PREALLOC permits less, it does not demand it. */
	.flags = AXB_BPF_F_NO_PREALLOC | AXB_BPF_F_ZERO_SEED | AXB_BPF_F_RDONLY_PROG,
	.check = hash_check,
	.size = hash_size,
	.init = hash_init,
	.lookup = hash_lookup,
	.update = hash_update,
	.remove = hash_remove,
	.next_key = hash_next_key,
	.entry_count = hash_entry_count,
	.busy_count = hash_busy_count,
};

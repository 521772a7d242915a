/* What the shim must find out about memif's rings and the CPU before it moves frames by itself; see ix_memif_ring.h. */
#include "ix_memif_ring.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define LOG2_SIZE_MAX 14

/* Bursts to watch for one state of the mappings: with more, the rings are not those of this queue. */
#define ATTEMPTS_MAX 100

/* How the rings lie in a mapping: one behind the other, then the buffers of each. */
struct layout {
	size_t ring_bytes;
	uint32_t rings;
	uint32_t size;
	uint32_t buffer_bytes;
};

#if defined(__x86_64__)
#define FAST_STRINGS (1u << 9) /* "enhanced rep movsb/stosb", in EBX of leaf 7 */

int ix_cpu_has_fast_strings, ix_cpu_has_avx512;

__attribute__((constructor)) static void
ask_what_the_cpu_has(void)
{
	unsigned int a, b, c, d;
	ix_cpu_has_fast_strings = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & FAST_STRINGS) != 0;
	ix_cpu_has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}
#endif

static struct ix_memif_ring *
ring_at(const struct ix_memif_mapping *mapping, const uint8_t *base, size_t offset)
{
	struct ix_memif_ring *ring = (struct ix_memif_ring *)(uintptr_t)(base + offset);
	return offset + sizeof(*ring) <= mapping->bytes && ring->cookie == IX_MEMIF_COOKIE ? ring : NULL;
}

/* False where the memory is not rings and their buffers. */
static int
find_layout(const struct ix_memif_mapping *mapping, const uint8_t *base, struct layout *layout)
{
	if (ring_at(mapping, base, 0) == NULL)
		return 0;
	for (uint32_t log2 = 0; log2 <= LOG2_SIZE_MAX; log2++) {
		size_t ring_bytes = sizeof(struct ix_memif_ring) + (sizeof(struct ix_memif_desc) << log2);
		uint32_t rings = 1;
		size_t buffers;
		while (rings <= 2 * IX_QUEUES_MAX && ring_at(mapping, base, rings * ring_bytes) != NULL)
			rings++;
		if (rings == 1 || rings * ring_bytes > mapping->bytes)
			continue;
		buffers = mapping->bytes - rings * ring_bytes;
		layout->ring_bytes = ring_bytes;
		layout->rings = rings;
		layout->size = 1u << log2;
		layout->buffer_bytes = (uint32_t)(buffers / ((size_t)rings << log2));
		return layout->buffer_bytes > 0;
	}
	return 0;
}

int
ix_memif_may_learn(struct ix_memif_known *known)
{
	uint32_t generation = __atomic_load_n(&ix_memif_generation, __ATOMIC_RELAXED);
	if (known->generation != generation) {
		known->generation = generation;
		known->attempts = 0;
		known->candidate = NULL;
	}
	return known->attempts < ATTEMPTS_MAX;
}

/* Whether the slot before the ring's counter holds this frame. A client that has received gives the slot its length back. */
static int
holds(struct ix_memif_ring *ring, const struct ix_memif_mapping *mapping, const uint8_t *base, const struct layout *layout,
	uint16_t counter, const uint8_t *sample, uint32_t length)
{
	struct ix_memif_desc desc = ix_memif_read_desc(&ring->desc[(uint16_t)(counter - 1) & (layout->size - 1)]);
	if (desc.length != length && (mapping->is_server || desc.length != layout->buffer_bytes))
		return 0;
	return desc.flags == 0 && ix_memif_is_in(&desc, length, mapping->bytes)
		&& memcmp(base + desc.offset, sample, RTE_MIN(length, IX_MEMIF_SAMPLE_BYTES)) == 0;
}

static int
is_ring_of(const struct ix_memif_known *known, const struct ix_memif_ring *ring)
{
	return __atomic_load_n(&known->base, __ATOMIC_SEQ_CST) != NULL
		&& __atomic_load_n(&known->ring, __ATOMIC_RELAXED) == ring;
}

/* Whether a queue has it. Both ends of a wire may be in this process, and look at the same frames. */
static int
is_taken(const struct ix_memif_ring *ring)
{
	for (unsigned int port = 0; port < RTE_MAX_ETHPORTS; port++) {
		for (unsigned int queue = 0; ix_guarded_ports[port] && queue < IX_QUEUES_MAX; queue++) {
			if (is_ring_of(ix_memif_known_tx(port, queue), ring) || is_ring_of(ix_memif_known_rx(port, queue), ring))
				return 1;
		}
	}
	return 0;
}

void
ix_memif_watch(struct ix_memif_known *known, const uint8_t *sample, uint32_t length, uint32_t count)
{
	const struct ix_memif_mapping *mapping_found = NULL;
	struct ix_memif_ring *found = NULL;
	struct layout layout_found = { 0 };
	uint8_t *base_found = NULL;
	uint16_t counter_found = 0;
	unsigned int matches = 0;

	known->attempts++;
	for (uint32_t i = 0; i < IX_MAPPINGS_MAX; i++) {
		const struct ix_memif_mapping *mapping = &ix_memif_mappings[i];
		uint8_t *base = __atomic_load_n(&mapping->base, __ATOMIC_SEQ_CST);
		struct layout layout;
		if (base == NULL || !find_layout(mapping, base, &layout))
			continue;
		for (uint32_t r = 0; r < layout.rings; r++) {
			struct ix_memif_ring *ring = (struct ix_memif_ring *)(base + r * layout.ring_bytes);
			uint16_t counter = __atomic_load_n(ix_memif_own_counter(ring, mapping->is_server), __ATOMIC_RELAXED);
			if (!holds(ring, mapping, base, &layout, counter, sample, length) || is_taken(ring))
				continue;
			matches++;
			found = ring;
			counter_found = counter;
			mapping_found = mapping;
			base_found = base;
			layout_found = layout;
		}
	}
	if (matches == 1 && found == known->candidate && (uint16_t)(counter_found - known->candidate_counter) == count) {
		known->bytes = mapping_found->bytes;
		__atomic_store_n(&known->ring, found, __ATOMIC_RELAXED);
		known->buffer_bytes = layout_found.buffer_bytes;
		known->mask = (uint16_t)(layout_found.size - 1);
		known->is_server = mapping_found->is_server;
		__atomic_store_n(&known->base, base_found, __ATOMIC_SEQ_CST);
	}
	known->candidate = matches == 1 ? found : NULL;
	known->candidate_counter = counter_found;
}

static void
forget(struct ix_memif_known *known, const uint8_t *base)
{
	if (__atomic_load_n(&known->base, __ATOMIC_SEQ_CST) == base)
		__atomic_store_n(&known->base, NULL, __ATOMIC_SEQ_CST);
}

void
ix_memif_forget(const uint8_t *base)
{
	for (unsigned int port = 0; port < RTE_MAX_ETHPORTS; port++) {
		for (unsigned int queue = 0; queue < IX_QUEUES_MAX; queue++) {
			forget(ix_memif_known_tx(port, queue), base);
			forget(ix_memif_known_rx(port, queue), base);
		}
	}
}

void
ix_memif_add_counts(uint16_t port, uint16_t queue, struct ix_memif_counts *sum)
{
	const struct ix_memif_known *rx = ix_memif_known_rx(port, queue), *tx = ix_memif_known_tx(port, queue);
	sum->rx_frames += __atomic_load_n(&rx->frames, __ATOMIC_RELAXED);
	sum->rx_bytes += __atomic_load_n(&rx->frame_bytes, __ATOMIC_RELAXED);
	sum->rx_errors += __atomic_load_n(&rx->errors, __ATOMIC_RELAXED);
	sum->tx_frames += __atomic_load_n(&tx->frames, __ATOMIC_RELAXED);
	sum->tx_bytes += __atomic_load_n(&tx->frame_bytes, __ATOMIC_RELAXED);
}

static void
reset(struct ix_memif_known *known)
{
	__atomic_store_n(&known->frames, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&known->frame_bytes, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&known->errors, 0, __ATOMIC_RELAXED);
}

void
ix_memif_reset_counts(uint16_t port)
{
	for (unsigned int queue = 0; queue < IX_QUEUES_MAX; queue++) {
		reset(ix_memif_known_rx(port, queue));
		reset(ix_memif_known_tx(port, queue));
	}
}

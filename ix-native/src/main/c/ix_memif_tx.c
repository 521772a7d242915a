/*
 * Transmission on memif by this shim instead of the driver. The driver copies each frame with ordinary stores: the core
 * first fetches every line of the wire's memory from the core that read it last, some hundred nanoseconds each where the two
 * do not share a cache. Large frames go by streaming stores here, which fetch nothing.
 *
 * It needs nothing of the driver's inside. The rings are laid out by the memif protocol (version 2.0), the same in every
 * DPDK, libmemif and VPP, and all that a sender must know stands in them:
 *
 *   ring of            sender writes   receiver writes   the sender is
 *   client to server   head            tail              the client: free are size - (head - tail)
 *   server to client   tail            head              the server: free are head - tail
 *
 * Which ring belongs to a queue is learnt by watching: the driver sends a burst, and the ring is the one that has moved by
 * as many frames and holds the last of them. So nothing is written before the driver says that it is connected, and where
 * the memory looks otherwise than expected (buffers elsewhere, as in zero-copy mode) the driver goes on.
 *
 * Thread rule: a queue's transmission has one thread; ix_memif_forget belongs to the thread that unmaps.
 */
#include <string.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_memcpy.h>
#include <rte_prefetch.h>

#include "ix_memif.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

#define MASK_INTERRUPTS 1 /* the receiver polls; otherwise it wants an event, which the driver sends */
#define LOG2_SIZE_MAX 14

#define LINE_BYTES 64u

/* From here on a frame goes by string instructions; with stores of whole lines at hand, from there on. */
#define STRINGS_FROM_BYTES 512
#define STRINGS_BEAT_LINES_FROM_BYTES 1280

/* Bursts to watch for one mapping: with more, its rings are not those of this queue. */
#define ATTEMPTS_MAX 100

/* Of a frame, to know it again. */
#define SAMPLE_BYTES 64

struct desc {
	uint16_t flags;
	uint16_t region;
	uint32_t length;
	uint32_t offset;
	uint32_t metadata;
};

struct ring {
	uint32_t cookie;
	uint16_t flags;
	uint16_t head;
	uint16_t tail __attribute__((aligned(RTE_CACHE_LINE_SIZE)));
	struct desc desc[] __attribute__((aligned(RTE_CACHE_LINE_SIZE)));
};

_Static_assert(sizeof(struct desc) == 16, "a descriptor of memif has 16 bytes");

/* How the rings lie in a mapping: one behind the other, then the buffers of each. */
struct layout {
	size_t ring_bytes;
	uint32_t rings;
	uint32_t size;
	uint32_t buffer_bytes;
};

/* The ring of a transmit queue; its thread writes all but the base, which ix_memif_forget clears. */
struct tx_ring {
	uint8_t *base; /* NULL: not known, the driver sends */
	size_t bytes;
	struct ring *ring;
	uint32_t buffer_bytes; /* of a client, which made them; a server's peer says it in each descriptor */
	uint16_t mask;
	uint8_t is_server;
	uint32_t generation; /* of the mappings, when it began to watch */
	uint32_t attempts;
	uint64_t frames;
	uint64_t frame_bytes;
} __attribute__((aligned(RTE_CACHE_LINE_SIZE)));

static struct tx_ring tx_rings[RTE_MAX_ETHPORTS][IX_QUEUES_MAX];

#if defined(__x86_64__)
#define FAST_STRINGS (1u << 9) /* "enhanced rep movsb/stosb", in EBX of leaf 7 */

static int has_fast_strings, has_avx512;

__attribute__((constructor)) static void
ask_what_the_cpu_has(void)
{
	unsigned int a, b, c, d;
	has_fast_strings = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & FAST_STRINGS) != 0;
	has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

/* Zeros follow up to the end of the last line: what lies behind the frame may be another's. */
__attribute__((target("avx512f,avx512bw"))) static inline void
copy_lines(uint8_t *to, const uint8_t *from, uint32_t bytes)
{
	uint32_t i = 0;
	for (; i + LINE_BYTES <= bytes; i += LINE_BYTES)
		_mm512_storeu_si512((void *)(to + i), _mm512_loadu_si512((const void *)(from + i)));
	if (i < bytes)
		_mm512_storeu_si512((void *)(to + i), _mm512_maskz_loadu_epi8(~0ULL >> (LINE_BYTES - (bytes - i)), from + i));
}
#endif

static struct ring *
ring_at(const struct ix_memif_mapping *mapping, const uint8_t *base, size_t offset)
{
	struct ring *ring = (struct ring *)(uintptr_t)(base + offset);
	return offset + sizeof(*ring) <= mapping->bytes && ring->cookie == IX_MEMIF_COOKIE ? ring : NULL;
}

/* False where the memory is not rings and their buffers. */
static int
find_layout(const struct ix_memif_mapping *mapping, const uint8_t *base, struct layout *layout)
{
	if (ring_at(mapping, base, 0) == NULL)
		return 0;
	for (uint32_t log2 = 0; log2 <= LOG2_SIZE_MAX; log2++) {
		size_t ring_bytes = sizeof(struct ring) + (sizeof(struct desc) << log2);
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

static uint16_t *
sent_counter(struct ring *ring, int is_server)
{
	return is_server ? &ring->tail : &ring->head;
}

/* What one mapping looked like before the driver sent. */
struct before {
	uint8_t *base;
	struct layout layout;
	uint16_t sent[2 * IX_QUEUES_MAX + 1];
};

/* Once: the other end may write it meanwhile. */
static struct desc
read_desc(const struct desc *desc)
{
	return (struct desc){
		.flags = __atomic_load_n(&desc->flags, __ATOMIC_RELAXED),
		.region = __atomic_load_n(&desc->region, __ATOMIC_RELAXED),
		.length = __atomic_load_n(&desc->length, __ATOMIC_RELAXED),
		.offset = __atomic_load_n(&desc->offset, __ATOMIC_RELAXED),
	};
}

static int
is_in(const struct desc *desc, uint32_t length, size_t bytes)
{
	return desc->region == 0 && (uint64_t)desc->offset + length <= bytes;
}

/* The ring that has moved by sent frames and holds the sample as the last one of them, or NULL. */
static struct ring *
ring_that_moved(const struct before *before, const struct ix_memif_mapping *mapping, uint32_t sent, const uint8_t *sample,
	uint32_t length)
{
	struct ring *found = NULL;
	uint32_t compared = RTE_MIN(length, (uint32_t)SAMPLE_BYTES);
	for (uint32_t i = 0; i < before->layout.rings; i++) {
		struct ring *ring = (struct ring *)(before->base + i * before->layout.ring_bytes);
		uint16_t now = __atomic_load_n(sent_counter(ring, mapping->is_server), __ATOMIC_RELAXED);
		struct desc desc = read_desc(&ring->desc[(uint16_t)(now - 1) & (before->layout.size - 1)]);
		if ((uint16_t)(now - before->sent[i]) != sent || desc.length != length || desc.flags != 0)
			continue;
		if (!is_in(&desc, length, mapping->bytes) || memcmp(before->base + desc.offset, sample, compared) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = ring;
	}
	return found;
}

/* The driver sends; if one ring alone looks as if that was it, the shim will send from the next burst on. */
static uint32_t
watch(struct tx_ring *tx, uint16_t port, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count)
{
	static __thread struct before before[IX_MAPPINGS_MAX];
	uint8_t sample[SAMPLE_BYTES];
	const struct ix_memif_mapping *mapping_found = NULL;
	const struct before *before_found = NULL;
	struct ring *found = NULL;
	const struct rte_mbuf *last = mbufs[count - 1];
	uint32_t length = last->data_len, sent;

	for (uint32_t i = 0; i < IX_MAPPINGS_MAX; i++) {
		const struct ix_memif_mapping *mapping = &ix_memif_mappings[i];
		before[i].base = __atomic_load_n(&mapping->base, __ATOMIC_SEQ_CST);
		before[i].layout.rings = 0;
		if (before[i].base == NULL || !find_layout(mapping, before[i].base, &before[i].layout)) {
			before[i].base = NULL;
			continue;
		}
		for (uint32_t r = 0; r < before[i].layout.rings; r++) {
			struct ring *ring = (struct ring *)(before[i].base + r * before[i].layout.ring_bytes);
			before[i].sent[r] = __atomic_load_n(sent_counter(ring, mapping->is_server), __ATOMIC_RELAXED);
		}
	}
	memcpy(sample, rte_pktmbuf_mtod(last, void *), RTE_MIN(length, (uint32_t)SAMPLE_BYTES));
	sent = rte_eth_tx_burst(port, queue, mbufs, count);
	if (sent != count)
		return sent; /* Not connected, or full. */
	tx->attempts++;
	for (uint32_t i = 0; i < IX_MAPPINGS_MAX; i++) {
		struct ring *ring;
		if (before[i].base == NULL)
			continue;
		ring = ring_that_moved(&before[i], &ix_memif_mappings[i], sent, sample, length);
		if (ring != NULL && found != NULL)
			return sent;
		if (ring != NULL) {
			found = ring;
			mapping_found = &ix_memif_mappings[i];
			before_found = &before[i];
		}
	}
	if (found != NULL) {
		tx->bytes = mapping_found->bytes;
		tx->ring = found;
		tx->buffer_bytes = before_found->layout.buffer_bytes;
		tx->mask = (uint16_t)(before_found->layout.size - 1);
		tx->is_server = mapping_found->is_server;
		__atomic_store_n(&tx->base, before_found->base, __ATOMIC_SEQ_CST);
	}
	return sent;
}

/* Overwrites the last line to its end, where there is room. */
static inline void
copy_frame(uint8_t *to, const struct rte_mbuf *m, uint32_t room)
{
	const uint8_t *from = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t bytes = m->data_len;
#if defined(__x86_64__)
	uint32_t lines = (bytes + LINE_BYTES - 1) & ~(LINE_BYTES - 1);
	if (has_avx512 && bytes < STRINGS_BEAT_LINES_FROM_BYTES && lines <= room) {
		copy_lines(to, from, bytes);
		return;
	}
	if (has_fast_strings && bytes >= STRINGS_FROM_BYTES) {
		size_t count = bytes;
		__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
		return;
	}
#endif
	(void)room;
	rte_memcpy(to, from, bytes);
}

/* Writes as many frames as there is room for and their buffers take. */
static uint32_t
write_frames(struct tx_ring *tx, const uint8_t *base, uint16_t port, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count)
{
	struct ring *ring = tx->ring;
	uint16_t *counter = sent_counter(ring, tx->is_server);
	uint16_t slot = __atomic_load_n(counter, __ATOMIC_RELAXED); /* only this thread writes it */
	uint16_t room = tx->is_server
		? (uint16_t)(__atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) - slot)
		: (uint16_t)(tx->mask + 1 - slot + __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE));
	uint32_t n = 0;
	uint64_t bytes = 0;

	if (room > tx->mask + 1)
		room = 0; /* The other end has written nonsense. */
	while (n < count && n < room) {
		const struct rte_mbuf *m = mbufs[n];
		struct desc *desc = &ring->desc[slot & tx->mask];
		struct desc seen = read_desc(desc);
		uint32_t buffer_bytes = tx->is_server ? seen.length : tx->buffer_bytes;
		if (unlikely(m->data_len > buffer_bytes || !is_in(&seen, buffer_bytes, tx->bytes)))
			break;
		copy_frame((uint8_t *)(uintptr_t)base + seen.offset, m, buffer_bytes);
		desc->flags = 0;
		desc->length = m->data_len;
		bytes += m->data_len;
		slot++;
		n++;
	}
	if (unlikely(n == 0)) /* Full, or nothing for this shim: the driver chains buffers, and knows what else there is. */
		return room == 0 ? 0 : rte_eth_tx_burst(port, queue, mbufs, count);
	__atomic_store_n(counter, slot, __ATOMIC_RELEASE);
	rte_pktmbuf_free_bulk(mbufs, n);
	__atomic_store_n(&tx->frames, tx->frames + n, __ATOMIC_RELAXED);
	__atomic_store_n(&tx->frame_bytes, tx->frame_bytes + bytes, __ATOMIC_RELAXED);
	return n;
}

uint32_t
ix_memif_tx_burst(uint16_t port, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count)
{
	struct tx_ring *tx = &tx_rings[port][queue];
	const uint8_t *base = __atomic_load_n(&tx->base, __ATOMIC_SEQ_CST);

	if (likely(base != NULL)) {
		if (likely((tx->ring->flags & MASK_INTERRUPTS) != 0))
			return write_frames(tx, base, port, queue, mbufs, count);
		return rte_eth_tx_burst(port, queue, mbufs, count);
	}
	if (tx->generation != __atomic_load_n(&ix_memif_generation, __ATOMIC_RELAXED)) {
		tx->generation = __atomic_load_n(&ix_memif_generation, __ATOMIC_RELAXED);
		tx->attempts = 0;
	}
	if (count == 0 || tx->attempts >= ATTEMPTS_MAX)
		return rte_eth_tx_burst(port, queue, mbufs, count);
	return watch(tx, port, queue, mbufs, count);
}

void
ix_memif_forget(const uint8_t *base)
{
	for (unsigned int port = 0; port < RTE_MAX_ETHPORTS; port++) {
		for (unsigned int queue = 0; queue < IX_QUEUES_MAX; queue++) {
			uint8_t **known = &tx_rings[port][queue].base;
			if (__atomic_load_n(known, __ATOMIC_SEQ_CST) == base)
				__atomic_store_n(known, NULL, __ATOMIC_SEQ_CST);
		}
	}
}

uint64_t
ix_memif_tx_frames(uint16_t port, uint16_t queue)
{
	return __atomic_load_n(&tx_rings[port][queue].frames, __ATOMIC_RELAXED);
}

uint64_t
ix_memif_tx_bytes(uint16_t port, uint16_t queue)
{
	return __atomic_load_n(&tx_rings[port][queue].frame_bytes, __ATOMIC_RELAXED);
}

void
ix_memif_reset_counters(uint16_t port)
{
	for (unsigned int queue = 0; queue < IX_QUEUES_MAX; queue++) {
		__atomic_store_n(&tx_rings[port][queue].frames, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&tx_rings[port][queue].frame_bytes, 0, __ATOMIC_RELAXED);
	}
}

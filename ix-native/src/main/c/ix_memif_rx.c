/*
 * Receiving on memif by this shim instead of the driver. The driver takes 32 mbufs for each burst, however few frames there
 * are, and copies one frame after the other: the core waits for the lines of each, some hundred nanoseconds where it does
 * not share a cache with the core that wrote them. Here the lines of a whole burst are asked for before the first is copied,
 * and what the stack needs is written at once, without a second look at each mbuf.
 *
 * Which ring belongs to a queue is learnt by watching the driver; see ix_memif_ring.h. From then on the driver does not
 * receive on this connection any more, since it keeps a counter of its own.
 *
 * Thread rule: a queue has one thread; ix_memif_forget belongs to the thread that unmaps.
 */
#include <rte_ethdev.h>
#include <rte_prefetch.h>

#include "ix_mbuf.h"
#include "ix_memif_ring.h"

/* Up to here a frame is copied by whole lines. */
#define SHORT_BYTES 256u

struct rx_ring {
	struct ix_memif_known known;
	struct rte_mempool *pool; /* of the queue */
	uint32_t room; /* bytes for a frame in an mbuf of it */
	uint16_t cursor; /* of the slot to be read next */
} __attribute__((aligned(RTE_CACHE_LINE_SIZE)));

static struct rx_ring rx_rings[RTE_MAX_ETHPORTS][IX_QUEUES_MAX];

static inline void
prefetch_frames(const struct rx_ring *rx, const uint8_t *base, uint32_t count)
{
	const struct ix_memif_known *known = &rx->known;
	for (uint32_t i = 0; i < count; i++) {
		struct ix_memif_desc seen = ix_memif_read_desc(&known->ring->desc[(rx->cursor + i) & known->mask]);
		rte_prefetch0(base + seen.offset); /* wherever that is: a prefetch does not fault */
		if (seen.length > IX_LINE_BYTES)
			rte_prefetch0(base + seen.offset + IX_LINE_BYTES);
	}
}

/* Bytes behind the frame are those of the wire's memory, or what the mbuf held. */
static inline void
copy_in(uint8_t *to, const uint8_t *from, uint32_t bytes, size_t readable, uint32_t room)
{
	uint32_t lines = (bytes + IX_LINE_BYTES - 1) & ~(IX_LINE_BYTES - 1);
	if (unlikely(bytes > SHORT_BYTES || lines > readable || lines > room)) {
		ix_copy_frame(to, from, bytes, room);
		return;
	}
	for (uint32_t i = 0; i < lines; i += IX_LINE_BYTES)
		rte_mov64(to + i, from + i);
}

/* Slots of one frame from the cursor on, of at most slots: more than one where the other end has chained buffers. */
static uint32_t
slots_of_frame(const struct ix_memif_known *known, uint16_t cursor, uint32_t slots)
{
	uint32_t n = 1;
	while (n < slots && (ix_memif_read_desc(&known->ring->desc[(uint16_t)(cursor + n - 1) & known->mask]).flags & IX_MEMIF_NEXT))
		n++;
	return n;
}

/* The slots may be written again. */
static inline void
give_back(struct rx_ring *rx, uint16_t cursor)
{
	const struct ix_memif_known *known = &rx->known;
	struct ix_memif_ring *ring = known->ring;
	uint16_t counter = cursor;
	if (!known->is_server) {
		for (uint16_t slot = rx->cursor; slot != cursor; slot++)
			ring->desc[slot & known->mask].length = known->buffer_bytes;
		counter = (uint16_t)(cursor + known->mask + 1);
	}
	rx->cursor = cursor;
	__atomic_store_n(ix_memif_own_counter(ring, known->is_server), counter, __ATOMIC_RELEASE);
}

static uint32_t
read_frames(struct rx_ring *rx, const uint8_t *base, uint16_t port, struct ix_descriptor *d, uint32_t max, uint32_t flags)
{
	struct ix_memif_known *known = &rx->known;
	struct rte_mbuf *mbufs[IX_BURST_MAX];
	uint16_t cursor = rx->cursor;
	uint16_t end = __atomic_load_n(ix_memif_peer_counter(known->ring, known->is_server), __ATOMIC_ACQUIRE);
	uint32_t slots = (uint16_t)(end - cursor), count, n = 0;
	uint64_t bytes = 0;

	if (slots == 0)
		return 0;
	if (unlikely(slots > known->mask + 1u)) {
		ix_memif_count(&known->errors, 1); /* The other end has written nonsense. */
		return 0;
	}
	count = RTE_MIN(slots, max);
	prefetch_frames(rx, base, count);
	count = ix_take_mbufs(rx->pool, (void **)mbufs, count); /* frames without one wait in the ring */
	while (slots > 0 && n < count) {
		struct ix_memif_desc seen = ix_memif_read_desc(&known->ring->desc[cursor & known->mask]);
		struct rte_mbuf *m = mbufs[n];
		uint32_t used = 1, frame_flags = flags;
		uint8_t *frame;
		if (n + IX_PREFETCH_AHEAD < count) {
			rte_prefetch0(mbufs[n + IX_PREFETCH_AHEAD]);
			rte_prefetch0(rte_mbuf_to_priv(mbufs[n + IX_PREFETCH_AHEAD]));
		}
		/* The stack gets the first buffer of a chain, and what fits into an mbuf, and is told that there was more. */
		if (unlikely((seen.flags & IX_MEMIF_NEXT) != 0 || seen.length > rx->room)) {
			used = slots_of_frame(known, cursor, slots);
			seen.length = RTE_MIN(seen.length, rx->room);
			frame_flags |= IX_RX_MULTI_SEGMENT;
		}
		cursor += used;
		slots -= used;
		if (unlikely(!ix_memif_is_in(&seen, seen.length, known->bytes))) {
			ix_memif_count(&known->errors, 1);
			continue;
		}
		m->data_off = RTE_PKTMBUF_HEADROOM;
		m->port = port;
		m->ol_flags = 0;
		m->packet_type = 0;
		m->pkt_len = seen.length;
		m->data_len = (uint16_t)seen.length;
		frame = rte_pktmbuf_mtod(m, uint8_t *);
		copy_in(frame, base + seen.offset, seen.length, known->bytes - seen.offset, rx->room);
		d[n] = (struct ix_descriptor){
			.mbuf = (uintptr_t)m,
			.frame = (uintptr_t)frame,
			.length = seen.length,
			.flags = frame_flags,
		};
		bytes += seen.length;
		n++;
	}
	if (unlikely(n < count))
		rte_mempool_put_bulk(rx->pool, (void **)(mbufs + n), count - n);
	give_back(rx, cursor);
	ix_memif_count(&known->frames, n);
	ix_memif_count(&known->frame_bytes, bytes);
	return n;
}

int
ix_memif_rx_burst(uint16_t port, uint16_t queue, struct ix_descriptor *d, uint32_t max, uint32_t flags)
{
	struct rx_ring *rx = &rx_rings[port][queue];
	const uint8_t *base = __atomic_load_n(&rx->known.base, __ATOMIC_SEQ_CST);
	return base == NULL ? -1 : (int)read_frames(rx, base, port, d, max, flags);
}

void
ix_memif_watch_rx(uint16_t port, uint16_t queue, struct rte_mbuf **mbufs, uint32_t count)
{
	struct rx_ring *rx = &rx_rings[port][queue];
	struct ix_memif_known *known = &rx->known;
	const struct rte_mbuf *last = mbufs[count - 1];

	if (!ix_memif_may_learn(known))
		return;
	if (last->nb_segs > 1 || !RTE_MBUF_DIRECT(last)) {
		known->candidate = NULL;
		return;
	}
	rx->pool = last->pool;
	rx->room = rte_pktmbuf_data_room_size(last->pool) - RTE_PKTMBUF_HEADROOM;
	ix_memif_watch(known, rte_pktmbuf_mtod(last, const uint8_t *), last->data_len, count);
	if (known->base != NULL)
		rx->cursor = (uint16_t)(known->candidate_counter - (known->is_server ? 0 : known->mask + 1));
}

struct ix_memif_known *
ix_memif_known_rx(unsigned int port, unsigned int queue)
{
	return &rx_rings[port][queue].known;
}

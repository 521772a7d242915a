/*
 * Transmission on memif by this shim instead of the driver. The driver copies each frame with ordinary stores: the core
 * first fetches every line of the wire's memory from the core that read it last, some hundred nanoseconds each where the two
 * do not share a cache. Here a frame goes by stores of whole lines, where the CPU has them, and a large one by string instructions.
 *
 * Which ring belongs to a queue is learnt by watching the driver; see ix_memif_ring.h.
 *
 * Thread rule: a queue's transmission has one thread; ix_memif_forget belongs to the thread that unmaps.
 */
#include <rte_ethdev.h>
#include <rte_prefetch.h>

#include "ix_memif_ring.h"

struct tx_ring {
	struct ix_memif_known known;
} __attribute__((aligned(RTE_CACHE_LINE_SIZE)));

static struct tx_ring tx_rings[RTE_MAX_ETHPORTS][IX_QUEUES_MAX];

/* The driver sends. */
static uint32_t
send_watched(struct tx_ring *tx, uint16_t port, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count)
{
	uint8_t sample[IX_MEMIF_SAMPLE_BYTES];
	const struct rte_mbuf *last = mbufs[count - 1];
	uint32_t length = last->data_len, sent;

	memcpy(sample, rte_pktmbuf_mtod(last, void *), RTE_MIN(length, IX_MEMIF_SAMPLE_BYTES));
	sent = rte_eth_tx_burst(port, queue, mbufs, count);
	if (sent == count)
		ix_memif_watch(&tx->known, sample, length, sent);
	else /* Not connected, or full: what came last is not known. */
		tx->known.candidate = NULL;
	return sent;
}

/* Writes as many frames as there is room for and their buffers take. */
static uint32_t
write_frames(struct tx_ring *tx, const uint8_t *base, uint16_t port, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count)
{
	struct ix_memif_known *known = &tx->known;
	struct ix_memif_ring *ring = known->ring;
	uint16_t *counter = ix_memif_own_counter(ring, known->is_server);
	uint16_t slot = __atomic_load_n(counter, __ATOMIC_RELAXED); /* only this thread writes it */
	uint16_t peer = __atomic_load_n(ix_memif_peer_counter(ring, known->is_server), __ATOMIC_ACQUIRE);
	uint16_t room = (uint16_t)(peer - slot + (known->is_server ? 0 : known->mask + 1));
	uint32_t n = 0;
	uint64_t bytes = 0;
	int is_in = 1;

	if (room > known->mask + 1)
		room = 0; /* The other end has written nonsense. */
	while (n < count && n < room) {
		const struct rte_mbuf *m = mbufs[n];
		struct ix_memif_desc *desc = &ring->desc[slot & known->mask];
		struct ix_memif_desc seen = ix_memif_read_desc(desc);
		uint32_t buffer_bytes = known->is_server ? seen.length : known->buffer_bytes;
		is_in = ix_memif_is_in(&seen, buffer_bytes, known->bytes);
		if (unlikely(m->data_len > buffer_bytes || !is_in))
			break;
		ix_copy_frame((uint8_t *)(uintptr_t)base + seen.offset, rte_pktmbuf_mtod(m, const uint8_t *), m->data_len,
			buffer_bytes);
		desc->flags = 0;
		desc->length = m->data_len;
		bytes += m->data_len;
		slot++;
		n++;
	}
	/* A frame that is longer than a buffer is the driver's: it chains them. It does not ask whether they are in the memory. */
	if (unlikely(n == 0))
		return room == 0 || !is_in ? 0 : rte_eth_tx_burst(port, queue, mbufs, count);
	__atomic_store_n(counter, slot, __ATOMIC_RELEASE);
	rte_pktmbuf_free_bulk(mbufs, n);
	ix_memif_count(&known->frames, n);
	ix_memif_count(&known->frame_bytes, bytes);
	return n;
}

uint32_t
ix_memif_tx_burst(uint16_t port, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count)
{
	struct tx_ring *tx = &tx_rings[port][queue];
	const uint8_t *base = __atomic_load_n(&tx->known.base, __ATOMIC_SEQ_CST);

	if (likely(base != NULL && (tx->known.ring->flags & IX_MEMIF_MASK_INTERRUPTS) != 0))
		return write_frames(tx, base, port, queue, mbufs, count);
	if (base != NULL || count == 0 || !ix_memif_may_learn(&tx->known))
		return rte_eth_tx_burst(port, queue, mbufs, count);
	return send_watched(tx, port, queue, mbufs, count);
}

struct ix_memif_known *
ix_memif_known_tx(unsigned int port, unsigned int queue)
{
	return &tx_rings[port][queue].known;
}

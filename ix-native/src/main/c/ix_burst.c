/*
 * The data path: one call a burst over DPDK's static-inline functions. Nothing here blocks, so Java calls it with
 * Linker.Option.critical(false). Thread rule: one thread a queue, as for rte_eth_rx_burst itself.
 */
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_prefetch.h>

#include "ix_dpdk.h"
#include "ix_mbuf.h"
#include "ix_memif.h"

/* Receive flags that a port adds to every frame: its owner vouches for the checksums. Written before the port starts. */
static uint32_t trusted_rx_flags[RTE_MAX_ETHPORTS];
/* Frames that rte_eth_tx_prepare refused and this shim freed, by queue: the queue's owner writes, any thread reads. */
static uint64_t tx_refused[RTE_MAX_ETHPORTS][IX_QUEUES_MAX];

IX_EXPORT void
ix_trust_checksums(uint16_t port, int trust)
{
	trusted_rx_flags[port] = trust ? IX_RX_IP_CHECKSUM_GOOD | IX_RX_L4_CHECKSUM_GOOD : 0;
}

IX_EXPORT uint64_t
ix_tx_refused(uint16_t port, uint16_t queues)
{
	uint64_t sum = 0;
	for (uint16_t q = 0; q < queues && q < IX_QUEUES_MAX; q++)
		sum += __atomic_load_n(&tx_refused[port][q], __ATOMIC_RELAXED);
	return sum;
}

IX_EXPORT void
ix_tx_refused_reset(uint16_t port)
{
	for (uint16_t q = 0; q < IX_QUEUES_MAX; q++)
		__atomic_store_n(&tx_refused[port][q], 0, __ATOMIC_RELAXED);
}

static inline uint32_t
rx_flags(uint64_t ol_flags)
{
	uint32_t flags = 0;
	uint64_t ip = ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
	uint64_t l4 = ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
	if (ol_flags & RTE_MBUF_F_RX_RSS_HASH)
		flags |= IX_RX_HASH_VALID;
	/* The fourth value of each mask, "no checksum but data is intact", stays unknown: the stack then verifies. */
	if (ip == RTE_MBUF_F_RX_IP_CKSUM_GOOD)
		flags |= IX_RX_IP_CHECKSUM_GOOD;
	else if (ip == RTE_MBUF_F_RX_IP_CKSUM_BAD)
		flags |= IX_RX_IP_CHECKSUM_BAD;
	if (l4 == RTE_MBUF_F_RX_L4_CKSUM_GOOD)
		flags |= IX_RX_L4_CHECKSUM_GOOD;
	else if (l4 == RTE_MBUF_F_RX_L4_CKSUM_BAD)
		flags |= IX_RX_L4_CHECKSUM_BAD;
	return flags;
}

/*
 * The stack reuses a received mbuf for transmission without going through the pool, so it must own one plain buffer:
 * a chain loses its tail (the frame is flagged), an mbuf over foreign memory is copied into one of its pool.
 */
static struct rte_mbuf *
make_plain(struct rte_mbuf *m, uint32_t *flags)
{
	if (m->nb_segs > 1) {
		rte_pktmbuf_free(m->next);
		m->next = NULL;
		m->nb_segs = 1;
		m->pkt_len = m->data_len;
		*flags |= IX_RX_MULTI_SEGMENT;
	}
	if (!RTE_MBUF_DIRECT(m)) {
		struct rte_mbuf *copy = rte_pktmbuf_copy(m, m->pool, 0, UINT32_MAX);
		rte_pktmbuf_free(m);
		if (copy != NULL && copy->nb_segs > 1) {
			rte_pktmbuf_free(copy);
			copy = NULL;
		}
		return copy;
	}
	return m;
}

IX_EXPORT uint32_t
ix_rx_burst(uint32_t port, uint32_t queue, struct ix_descriptor *d, uint32_t max)
{
	struct rte_mbuf *mbufs[IX_BURST_MAX];
	uint32_t trusted = trusted_rx_flags[port];
	uint32_t n, i, out = 0;
	uint32_t *mark;

	if (max > IX_BURST_MAX)
		max = IX_BURST_MAX;
	mark = ix_burst_begin(port, queue, 0);
	if (mark != NULL) {
		int received = ix_memif_rx_burst((uint16_t)port, (uint16_t)queue, d, max, trusted);
		if (likely(received >= 0)) {
			ix_burst_end(mark);
			return (uint32_t)received;
		}
	}
	n = rte_eth_rx_burst((uint16_t)port, (uint16_t)queue, mbufs, (uint16_t)max);
	if (unlikely(mark != NULL && n > 0))
		ix_memif_watch_rx((uint16_t)port, (uint16_t)queue, mbufs, n);
	ix_burst_end(mark);
	for (i = 0; i < n && i < IX_PREFETCH_AHEAD; i++)
		rte_prefetch0(mbufs[i]);
	for (i = 0; i < n; i++) {
		struct rte_mbuf *m = mbufs[i];
		uint32_t flags;
		if (i + IX_PREFETCH_AHEAD < n)
			rte_prefetch0(mbufs[i + IX_PREFETCH_AHEAD]);
		flags = rx_flags(m->ol_flags);
		if (unlikely(m->nb_segs > 1 || !RTE_MBUF_DIRECT(m))) {
			m = make_plain(m, &flags);
			if (m == NULL)
				continue;
		}
		/* The headers that the stack parses next, and the private area that it writes. */
		rte_prefetch0(rte_pktmbuf_mtod(m, void *));
		rte_prefetch0(rte_mbuf_to_priv(m));
		if (unlikely(trusted) && !(flags & (IX_RX_IP_CHECKSUM_BAD | IX_RX_L4_CHECKSUM_BAD)))
			flags |= trusted;
		d[out].mbuf = (uintptr_t)m;
		d[out].frame = (uintptr_t)rte_pktmbuf_mtod(m, void *);
		d[out].length = m->data_len;
		d[out].hash_or_header_lengths = m->hash.rss;
		d[out].flags = flags;
		d[out].type_or_mss = 0;
		out++;
	}
	return out;
}

static inline uint64_t
tx_flags(uint32_t flags)
{
	uint64_t ol_flags = flags & IX_TX_IPV6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4;
	if (flags & IX_TX_IP_CHECKSUM)
		ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
	if (flags & IX_TX_TCP_CHECKSUM)
		ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM;
	if (flags & IX_TX_UDP_CHECKSUM)
		ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
	if (flags & IX_TX_SEGMENTATION)
		ol_flags |= RTE_MBUF_F_TX_TCP_SEG;
	return ol_flags;
}

static inline void
fill_tx(struct rte_mbuf *m, const struct ix_descriptor *d)
{
	m->data_off = (uint16_t)(d->frame - (uintptr_t)m->buf_addr);
	m->data_len = (uint16_t)d->length;
	m->pkt_len = d->length;
	m->nb_segs = 1;
	m->next = NULL;
	if (d->flags & ~(uint32_t)IX_TX_IPV6) {
		uint32_t lengths = d->hash_or_header_lengths;
		m->ol_flags = tx_flags(d->flags);
		m->tx_offload = rte_mbuf_tx_offload(lengths & 0x7f, (lengths >> 8) & 0xff, (lengths >> 16) & 0xff,
			d->type_or_mss & 0xffff, 0, 0, 0);
	} else {
		m->ol_flags = 0;
		m->tx_offload = 0;
	}
}

/*
 * Drivers may ask for changes of the headers before an offload (rte_eth_tx_prepare). A frame that the driver refuses
 * would be refused for ever: it is freed and counted, and the caller sees it as taken.
 */
static uint32_t
send_prepared(uint16_t port, uint16_t queue, struct rte_mbuf **mbufs, uint32_t count)
{
	uint32_t done = 0;
	while (done < count) {
		uint16_t want = (uint16_t)(count - done);
		uint16_t ready = rte_eth_tx_prepare(port, queue, mbufs + done, want);
		uint16_t sent = ready == 0 ? 0 : rte_eth_tx_burst(port, queue, mbufs + done, ready);
		done += sent;
		if (sent < ready || ready == want)
			break;
		rte_pktmbuf_free(mbufs[done]);
		done++;
		if (queue < IX_QUEUES_MAX)
			__atomic_store_n(&tx_refused[port][queue], tx_refused[port][queue] + 1, __ATOMIC_RELAXED);
	}
	return done;
}

IX_EXPORT uint32_t
ix_tx_burst(uint32_t port, uint32_t queue, const struct ix_descriptor *d, uint32_t count)
{
	struct rte_mbuf *mbufs[IX_BURST_MAX];
	uint32_t i, sent, flags = 0;
	uint32_t *mark;

	if (count > IX_BURST_MAX)
		count = IX_BURST_MAX;
	for (i = 0; i < count && i < IX_PREFETCH_AHEAD; i++)
		rte_prefetch0((void *)(uintptr_t)d[i].mbuf);
	for (i = 0; i < count; i++) {
		if (i + IX_PREFETCH_AHEAD < count)
			rte_prefetch0((void *)(uintptr_t)d[i + IX_PREFETCH_AHEAD].mbuf);
		mbufs[i] = (struct rte_mbuf *)(uintptr_t)d[i].mbuf;
		fill_tx(mbufs[i], &d[i]);
		flags |= d[i].flags;
	}
	mark = ix_burst_begin(port, queue, 1);
	if (flags & ~(uint32_t)IX_TX_IPV6)
		sent = send_prepared((uint16_t)port, (uint16_t)queue, mbufs, count);
	else if (unlikely(mark != NULL))
		sent = ix_memif_tx_burst((uint16_t)port, (uint16_t)queue, mbufs, (uint16_t)count);
	else
		sent = rte_eth_tx_burst((uint16_t)port, (uint16_t)queue, mbufs, (uint16_t)count);
	ix_burst_end(mark);
	return sent;
}

/*
 * Takes up to count mbufs. They are not touched: an mbuf in a pool has refcnt 1, no next and one segment, and
 * ix_tx_burst sets every other field that a driver reads.
 */
IX_EXPORT uint32_t
ix_mbuf_alloc_bulk(struct rte_mempool *pool, uint64_t *addresses, uint32_t count)
{
	return ix_take_mbufs(pool, (void **)addresses, count);
}

/* Frees to the pool that each mbuf came from. */
IX_EXPORT void
ix_mbuf_free_bulk(uint64_t *addresses, uint32_t count)
{
	rte_pktmbuf_free_bulk((struct rte_mbuf **)addresses, count);
}

/* Of every burst, on whatever wire. */
#ifndef IX_MBUF_H
#define IX_MBUF_H

#include <rte_mempool.h>

/* How far ahead of the frame in hand mbuf headers are prefetched. */
#define IX_PREFETCH_AHEAD 4

/* Takes up to count mbufs; returns how many there were. */
static inline uint32_t
ix_take_mbufs(struct rte_mempool *pool, void **mbufs, uint32_t count)
{
	uint32_t taken = 0;
	if (likely(rte_mempool_get_bulk(pool, mbufs, count) == 0))
		return count;
	while (taken < count && rte_mempool_get(pool, &mbufs[taken]) == 0)
		taken++;
	return taken;
}

#endif

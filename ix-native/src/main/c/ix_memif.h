/* Marks of the bursts in progress on memif ports; see ix_memif.c. */
#ifndef IX_MEMIF_H
#define IX_MEMIF_H

#include <stdint.h>

#include <rte_common.h>
#include <rte_config.h>

#define IX_QUEUES_MAX 64

/* A line of its own: one thread writes it. Odd while a burst is in progress. */
struct ix_burst_mark {
	uint32_t bursts;
} __attribute__((aligned(RTE_CACHE_LINE_SIZE)));

/* [port][queue][0 receive, 1 transmit] */
extern struct ix_burst_mark ix_burst_marks[RTE_MAX_ETHPORTS][IX_QUEUES_MAX][2];
extern uint8_t ix_guarded_ports[RTE_MAX_ETHPORTS];

/* The mark of a burst that has begun, or NULL where the port needs none. */
static inline uint32_t *
ix_burst_begin(uint32_t port, uint32_t queue, int transmit)
{
	uint32_t *mark;
	if (likely(!ix_guarded_ports[port]))
		return NULL;
	mark = &ix_burst_marks[port][queue][transmit].bursts;
	/* Sequentially consistent: the driver's "connected" flag is read after this is visible. */
	__atomic_store_n(mark, *mark + 1, __ATOMIC_SEQ_CST);
	return mark;
}

static inline void
ix_burst_end(uint32_t *mark)
{
	if (mark != NULL)
		__atomic_store_n(mark, *mark + 1, __ATOMIC_RELEASE);
}

#endif

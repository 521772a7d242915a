/* memif ports: bursts in progress, the driver's shared memory, and bursts by this shim; see ix_memif*.c. */
#ifndef IX_MEMIF_H
#define IX_MEMIF_H

#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_config.h>

#include "ix_dpdk.h"

#define IX_QUEUES_MAX 64

struct rte_mbuf;

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

/* What the driver has mapped: of a connection the memory with its rings, perhaps more with buffers. */
struct ix_memif_mapping {
	uint8_t *base; /* NULL: none; may be read and used inside of a burst of a guarded port */
	size_t bytes;
	uint8_t is_server; /* the rings were there when it was mapped: the other end made them */
};

#define IX_MAPPINGS_MAX 32

/* How each ring begins; of the memif protocol. */
#define IX_MEMIF_COOKIE 0x3E31F20u

extern struct ix_memif_mapping ix_memif_mappings[IX_MAPPINGS_MAX];
/* Grows with each mapping. */
extern uint32_t ix_memif_generation;

/* As rte_eth_tx_burst, inside of a burst of a guarded port. No mbuf has a second segment. */
uint32_t ix_memif_tx_burst(uint16_t port, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count);

/*
 * As ix_rx_burst, inside of a burst of a guarded port; each frame gets these flags. Returns -1 where the driver receives: the
 * shim then wants to see what came, if anything did.
 */
int ix_memif_rx_burst(uint16_t port, uint16_t queue, struct ix_descriptor *d, uint32_t max, uint32_t flags);
void ix_memif_watch_rx(uint16_t port, uint16_t queue, struct rte_mbuf **mbufs, uint32_t count);

/* No queue uses the memory at base any more. No burst that knows of it may be in progress. */
void ix_memif_forget(const uint8_t *base);

/* What went through the shim, past the driver's counters. */
struct ix_memif_counts {
	uint64_t rx_frames;
	uint64_t rx_bytes;
	uint64_t rx_errors;
	uint64_t tx_frames;
	uint64_t tx_bytes;
};

/* Adds those of a queue. */
void ix_memif_add_counts(uint16_t port, uint16_t queue, struct ix_memif_counts *sum);
void ix_memif_reset_counts(uint16_t port);

#endif

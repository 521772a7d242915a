/*
 * The rings of memif as they lie in shared memory, by its protocol (version 2.0): the same in every DPDK, libmemif and VPP.
 * All that a sender or a receiver must know stands in them:
 *
 *   ring of            sender writes   receiver writes   free for the sender                there for the receiver
 *   client to server   head            tail              size - (head - tail)               head - tail
 *   server to client   tail            head              head - tail                        tail - (head - size)
 *
 * So each end moves one counter alone, of either direction: the client head, the server tail.
 *
 * Nothing is used before the driver has moved a frame through it, hence after it has said that it is connected. Where the
 * memory looks otherwise than expected (buffers elsewhere, as in zero-copy mode) the driver goes on.
 */
#ifndef IX_MEMIF_RING_H
#define IX_MEMIF_RING_H

#include <string.h>

#include <rte_mbuf.h>
#include <rte_memcpy.h>

#include "ix_memif.h"

#define IX_MEMIF_NEXT 1 /* of a descriptor: the frame goes on in the next one */
#define IX_MEMIF_MASK_INTERRUPTS 1 /* of a ring: the receiver polls; otherwise it wants an event, which the driver sends */

/* Of a frame, to know it again. */
#define IX_MEMIF_SAMPLE_BYTES 64u

#define IX_LINE_BYTES 64u

struct ix_memif_desc {
	uint16_t flags;
	uint16_t region;
	uint32_t length;
	uint32_t offset;
	uint32_t metadata;
};

struct ix_memif_ring {
	uint32_t cookie;
	uint16_t flags;
	uint16_t head;
	uint16_t tail __attribute__((aligned(RTE_CACHE_LINE_SIZE)));
	struct ix_memif_desc desc[] __attribute__((aligned(RTE_CACHE_LINE_SIZE)));
};

_Static_assert(sizeof(struct ix_memif_desc) == 16, "a descriptor of memif has 16 bytes");

/* The ring of a queue in one direction. Its thread writes all but the base, which ix_memif_forget clears. */
struct ix_memif_known {
	uint8_t *base; /* NULL: not known, the driver goes on */
	size_t bytes;
	struct ix_memif_ring *ring;
	uint32_t buffer_bytes; /* of a client, which made them; a server's peer says it in each descriptor */
	uint16_t mask;
	uint8_t is_server;
	/* What went through it: its thread writes, any reads. */
	uint64_t frames;
	uint64_t frame_bytes;
	uint64_t errors;
	/* While it is not known: */
	uint32_t generation; /* of the mappings, when it began to watch */
	uint32_t attempts;
	const struct ix_memif_ring *candidate; /* to be compared, never read: its mapping may have gone */
	uint16_t candidate_counter;
};

/* Whether a burst is worth a look: the mappings have changed, or not every attempt is used up. */
int ix_memif_may_learn(struct ix_memif_known *known);

/*
 * The driver has moved count frames, the last of which begins with the sample. The ring that holds it where its counter
 * stands is a candidate, if no queue has it and it is the only one; if it was the candidate after the burst before, and has
 * moved by count since then, it is the queue's: known from now on.
 */
void ix_memif_watch(struct ix_memif_known *known, const uint8_t *sample, uint32_t length, uint32_t count);

struct ix_memif_known *ix_memif_known_tx(unsigned int port, unsigned int queue);
struct ix_memif_known *ix_memif_known_rx(unsigned int port, unsigned int queue);

static inline void
ix_memif_count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* The counter that this end moves. */
static inline uint16_t *
ix_memif_own_counter(struct ix_memif_ring *ring, int is_server)
{
	return is_server ? &ring->tail : &ring->head;
}

static inline uint16_t *
ix_memif_peer_counter(struct ix_memif_ring *ring, int is_server)
{
	return is_server ? &ring->head : &ring->tail;
}

/* Once: the other end may write it meanwhile. */
static inline struct ix_memif_desc
ix_memif_read_desc(const struct ix_memif_desc *desc)
{
	return (struct ix_memif_desc){
		.flags = __atomic_load_n(&desc->flags, __ATOMIC_RELAXED),
		.region = __atomic_load_n(&desc->region, __ATOMIC_RELAXED),
		.length = __atomic_load_n(&desc->length, __ATOMIC_RELAXED),
		.offset = __atomic_load_n(&desc->offset, __ATOMIC_RELAXED),
	};
}

static inline int
ix_memif_is_in(const struct ix_memif_desc *desc, uint32_t length, size_t bytes)
{
	return desc->region == 0 && (uint64_t)desc->offset + length <= bytes;
}

#if defined(__x86_64__)
#include <immintrin.h>

/* From here on a frame goes by string instructions; with stores of whole lines at hand, from there on. */
#define IX_STRINGS_FROM_BYTES 512
#define IX_STRINGS_BEAT_LINES_FROM_BYTES 1280

extern int ix_cpu_has_fast_strings, ix_cpu_has_avx512;

/* Zeros follow up to the end of the last line: what lies behind the frame may be another's. */
__attribute__((target("avx512f,avx512bw"))) static inline void
ix_copy_lines(uint8_t *to, const uint8_t *from, uint32_t bytes)
{
	uint32_t i = 0;
	for (; i + IX_LINE_BYTES <= bytes; i += IX_LINE_BYTES)
		_mm512_storeu_si512((void *)(to + i), _mm512_loadu_si512((const void *)(from + i)));
	if (i < bytes)
		_mm512_storeu_si512((void *)(to + i),
			_mm512_maskz_loadu_epi8(~0ULL >> (IX_LINE_BYTES - (bytes - i)), from + i));
}
#endif

/* Reads no more than the frame; overwrites the last line to its end, where there is room. */
static inline void
ix_copy_frame(uint8_t *to, const uint8_t *from, uint32_t bytes, uint32_t room)
{
#if defined(__x86_64__)
	uint32_t lines = (bytes + IX_LINE_BYTES - 1) & ~(IX_LINE_BYTES - 1);
	if (ix_cpu_has_avx512 && bytes < IX_STRINGS_BEAT_LINES_FROM_BYTES && lines <= room) {
		ix_copy_lines(to, from, bytes);
		return;
	}
	if (ix_cpu_has_fast_strings && bytes >= IX_STRINGS_FROM_BYTES) {
		size_t count = bytes;
		__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
		return;
	}
#endif
	(void)room;
	rte_memcpy(to, from, bytes);
}

#endif

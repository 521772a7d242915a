/*
 * What crosses between Java and this shim. The layouts below are mirrored by org.ixnet.dpdk.ffi (PortInfo) and by
 * org.ixnet.stack.device.PacketBurst; ix_layout_* lets Java check every one of them when it loads the shim.
 */
#ifndef IX_DPDK_H
#define IX_DPDK_H

#include <stdint.h>

#define IX_EXPORT __attribute__((visibility("default")))

/* Grows with every change of a signature or layout in this file. */
#define IX_SHIM_VERSION 3

/* Longest burst; Java splits nothing, it refuses longer ones. */
#define IX_BURST_MAX 256

/* PacketBurst: one frame. */
struct ix_descriptor {
	uint64_t mbuf;
	uint64_t frame;
	uint32_t length;
	uint32_t hash_or_header_lengths;
	uint32_t flags;
	uint32_t type_or_mss;
};

enum {
	IX_RX_HASH_VALID = 1,
	IX_RX_IP_CHECKSUM_GOOD = 1 << 1,
	IX_RX_IP_CHECKSUM_BAD = 1 << 2,
	IX_RX_L4_CHECKSUM_GOOD = 1 << 3,
	IX_RX_L4_CHECKSUM_BAD = 1 << 4,
	IX_RX_MULTI_SEGMENT = 1 << 5,
};

enum {
	IX_TX_IP_CHECKSUM = 1,
	IX_TX_TCP_CHECKSUM = 1 << 1,
	IX_TX_UDP_CHECKSUM = 1 << 2,
	IX_TX_SEGMENTATION = 1 << 3,
	IX_TX_IPV6 = 1 << 4,
};

/* Offload bits that do not move between DPDK versions. */
enum {
	IX_OFFLOAD_RX_IP_CHECKSUM = 1,
	IX_OFFLOAD_RX_L4_CHECKSUM = 1 << 1,
	IX_OFFLOAD_RX_RSS_HASH = 1 << 2,
	IX_OFFLOAD_TX_IP_CHECKSUM = 1 << 3,
	IX_OFFLOAD_TX_TCP_CHECKSUM = 1 << 4,
	IX_OFFLOAD_TX_UDP_CHECKSUM = 1 << 5,
	IX_OFFLOAD_TX_SEGMENTATION = 1 << 6,
	IX_OFFLOAD_TX_FAST_FREE = 1 << 7,
};

struct ix_port_info {
	uint32_t offloads;
	uint32_t max_rx_queues;
	uint32_t max_tx_queues;
	uint32_t reta_size;
	uint32_t hash_key_bytes;
	uint32_t min_mtu;
	uint32_t max_mtu;
	uint32_t max_rx_frame;
	uint32_t rx_desc_min;
	uint32_t rx_desc_max;
	uint32_t rx_desc_align;
	uint32_t tx_desc_min;
	uint32_t tx_desc_max;
	uint32_t tx_desc_align;
	uint32_t if_index;
	uint32_t reserved;
	uint64_t rss_functions;
	char driver[32];
	char device[64];
};

#endif

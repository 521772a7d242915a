/* Control of ports and pools: structs that differ between DPDK versions stay on this side. Returns 0 or -errno. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "ix_dpdk.h"
#include "ix_memif.h"

static const struct {
	uint32_t ix;
	uint64_t rx;
	uint64_t tx;
} offload_map[] = {
	{ IX_OFFLOAD_RX_IP_CHECKSUM, RTE_ETH_RX_OFFLOAD_IPV4_CKSUM, 0 },
	{ IX_OFFLOAD_RX_L4_CHECKSUM, RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM, 0 },
	{ IX_OFFLOAD_RX_RSS_HASH, RTE_ETH_RX_OFFLOAD_RSS_HASH, 0 },
	{ IX_OFFLOAD_TX_IP_CHECKSUM, 0, RTE_ETH_TX_OFFLOAD_IPV4_CKSUM },
	{ IX_OFFLOAD_TX_TCP_CHECKSUM, 0, RTE_ETH_TX_OFFLOAD_TCP_CKSUM },
	{ IX_OFFLOAD_TX_UDP_CHECKSUM, 0, RTE_ETH_TX_OFFLOAD_UDP_CKSUM },
	{ IX_OFFLOAD_TX_SEGMENTATION, 0, RTE_ETH_TX_OFFLOAD_TCP_TSO },
	{ IX_OFFLOAD_TX_FAST_FREE, 0, RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE },
};

IX_EXPORT int
ix_port_info(uint16_t port, struct ix_port_info *out)
{
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(port, &info);
	if (rc != 0)
		return rc;
	memset(out, 0, sizeof(*out));
	for (unsigned int i = 0; i < RTE_DIM(offload_map); i++) {
		if ((info.rx_offload_capa & offload_map[i].rx) == offload_map[i].rx
				&& (info.tx_offload_capa & offload_map[i].tx) == offload_map[i].tx)
			out->offloads |= offload_map[i].ix;
	}
	out->max_rx_queues = info.max_rx_queues;
	out->max_tx_queues = info.max_tx_queues;
	out->reta_size = info.reta_size;
	out->hash_key_bytes = info.hash_key_size;
	out->min_mtu = info.min_mtu;
	out->max_mtu = info.max_mtu;
	out->max_rx_frame = info.max_rx_pktlen;
	out->rx_desc_min = info.rx_desc_lim.nb_min;
	out->rx_desc_max = info.rx_desc_lim.nb_max;
	out->rx_desc_align = info.rx_desc_lim.nb_align;
	out->tx_desc_min = info.tx_desc_lim.nb_min;
	out->tx_desc_max = info.tx_desc_lim.nb_max;
	out->tx_desc_align = info.tx_desc_lim.nb_align;
	out->if_index = info.if_index;
	out->rss_functions = info.flow_type_rss_offloads;
	if (info.driver_name != NULL)
		strncpy(out->driver, info.driver_name, sizeof(out->driver) - 1);
	if (info.device != NULL)
		strncpy(out->device, rte_dev_name(info.device), sizeof(out->device) - 1);
	return 0;
}

/*
 * Configures queues. Offloads that the device lacks and hash functions that it does not know must have been masked by
 * the caller (ix_port_info). rss: hash TCP and UDP over IPv4 and IPv6, as far as the device can. interrupts: the driver
 * keeps a descriptor for each queue that is readable while a frame waits (rte_eth_dev_rx_intr_ctl_q_get_fd).
 */
IX_EXPORT int
ix_port_configure(uint16_t port, uint16_t rx_queues, uint16_t tx_queues, uint32_t mtu, uint32_t offloads, int rss,
	int interrupts)
{
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	int rc = rte_eth_dev_info_get(port, &info);
	if (rc != 0)
		return rc;
	memset(&conf, 0, sizeof(conf));
	conf.rxmode.mtu = mtu;
	conf.intr_conf.rxq = interrupts != 0;
	for (unsigned int i = 0; i < RTE_DIM(offload_map); i++) {
		if (offloads & offload_map[i].ix) {
			conf.rxmode.offloads |= offload_map[i].rx;
			conf.txmode.offloads |= offload_map[i].tx;
		}
	}
	if (rss) {
		/* rx_adv_conf.rss_conf.rss_key NULL: the driver's default until ix_rss_program. */
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf =
			(RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP) & info.flow_type_rss_offloads;
	}
	return rte_eth_dev_configure(port, rx_queues, tx_queues, &conf);
}

IX_EXPORT int
ix_port_setup_queue(uint16_t port, uint16_t queue, uint16_t rx_descriptors, uint16_t tx_descriptors,
	struct rte_mempool *pool)
{
	unsigned int socket = (unsigned int)rte_eth_dev_socket_id(port);
	int rc = rte_eth_rx_queue_setup(port, queue, rx_descriptors, socket, NULL, pool);
	if (rc != 0)
		return rc;
	return rte_eth_tx_queue_setup(port, queue, tx_descriptors, socket, NULL);
}

/* link[0] = up, link[1] = speed in Mb/s (UINT32_MAX unknown), link[2] = full duplex */
IX_EXPORT int
ix_port_link(uint16_t port, uint32_t *link)
{
	struct rte_eth_link l;
	int rc = rte_eth_link_get_nowait(port, &l);
	if (rc != 0)
		return rc;
	link[0] = l.link_status;
	link[1] = l.link_speed;
	link[2] = l.link_duplex;
	return 0;
}

/* What this shim has moved on memif counts as what the driver has. Of the queues from the first to the one before end. */
static struct ix_memif_counts
past_the_driver(uint16_t port, uint16_t first, uint16_t end)
{
	struct ix_memif_counts sum = { 0 };
	for (uint16_t queue = first; queue < end; queue++)
		ix_memif_add_counts(port, queue, &sum);
	return sum;
}

/* rx packets, tx packets, rx bytes, tx bytes, missed, rx errors, no mbuf, tx errors */
IX_EXPORT int
ix_port_stats(uint16_t port, uint64_t *out)
{
	struct rte_eth_stats s;
	int rc = rte_eth_stats_get(port, &s);
	if (rc != 0)
		return rc;
	out[0] = s.ipackets;
	out[1] = s.opackets;
	out[2] = s.ibytes;
	out[3] = s.obytes;
	out[4] = s.imissed;
	out[5] = s.ierrors;
	out[6] = s.rx_nombuf;
	out[7] = s.oerrors;
	if (ix_guarded_ports[port]) {
		struct ix_memif_counts by_shim = past_the_driver(port, 0, IX_QUEUES_MAX);
		out[0] += by_shim.rx_frames;
		out[1] += by_shim.tx_frames;
		out[2] += by_shim.rx_bytes;
		out[3] += by_shim.tx_bytes;
		out[5] += by_shim.rx_errors;
	}
	return 0;
}

IX_EXPORT int
ix_port_stats_reset(uint16_t port)
{
	ix_memif_reset_counts(port);
	return rte_eth_stats_reset(port);
}

/* What is to be added to the driver's statistic of this name: "tx_good_bytes", "rx_q0_packets". */
static uint64_t
past_the_driver_in(uint16_t port, const char *xstat)
{
	static const struct {
		const char *of_port, *of_queue;
		size_t offset;
	} counters[] = {
		{ "rx_good_packets", "rx_q%u_packets%n", offsetof(struct ix_memif_counts, rx_frames) },
		{ "rx_good_bytes", "rx_q%u_bytes%n", offsetof(struct ix_memif_counts, rx_bytes) },
		{ "rx_errors", "rx_q%u_errors%n", offsetof(struct ix_memif_counts, rx_errors) },
		{ "tx_good_packets", "tx_q%u_packets%n", offsetof(struct ix_memif_counts, tx_frames) },
		{ "tx_good_bytes", "tx_q%u_bytes%n", offsetof(struct ix_memif_counts, tx_bytes) },
	};
	for (size_t i = 0; i < RTE_DIM(counters); i++) {
		unsigned int queue = 0;
		int end = 0;
		int of_queue = sscanf(xstat, counters[i].of_queue, &queue, &end) == 1
			&& end > 0 && xstat[end] == 0 && queue < IX_QUEUES_MAX;
		if (of_queue || strcmp(xstat, counters[i].of_port) == 0) {
			struct ix_memif_counts sum = of_queue
				? past_the_driver(port, (uint16_t)queue, (uint16_t)(queue + 1))
				: past_the_driver(port, 0, IX_QUEUES_MAX);
			return *(const uint64_t *)((const char *)&sum + counters[i].offset);
		}
	}
	return 0;
}

/*
 * Up to capacity names (64 bytes each) and values; returns how many there are, or -errno. Besides the driver's own there are
 * rx_ix_packets and tx_ix_packets on memif: of rx_good_packets and tx_good_packets those that this shim moved.
 */
IX_EXPORT int
ix_port_xstats(uint16_t port, char *names, uint64_t *values, uint32_t capacity)
{
	struct rte_eth_xstat_name n[IX_BURST_MAX];
	struct rte_eth_xstat x[IX_BURST_MAX];
	uint32_t limit = capacity < IX_BURST_MAX ? capacity : IX_BURST_MAX;
	int count = rte_eth_xstats_get_names(port, NULL, 0);
	if (count < 0 || (uint32_t)count > limit)
		return count < 0 ? count : -ENOSPC;
	count = rte_eth_xstats_get_names(port, n, limit);
	if (count < 0)
		return count;
	if (rte_eth_xstats_get(port, x, limit) != count)
		return -EIO;
	for (int i = 0; i < count; i++) {
		memcpy(names + 64 * i, n[x[i].id].name, 64);
		names[64 * i + 63] = 0;
		values[i] = x[i].value;
		if (ix_guarded_ports[port])
			values[i] += past_the_driver_in(port, n[x[i].id].name);
	}
	if (ix_guarded_ports[port] && (uint32_t)count + 2 <= limit) {
		struct ix_memif_counts by_shim = past_the_driver(port, 0, IX_QUEUES_MAX);
		snprintf(names + 64 * count, 64, "rx_ix_packets");
		values[count++] = by_shim.rx_frames;
		snprintf(names + 64 * count, 64, "tx_ix_packets");
		values[count++] = by_shim.tx_frames;
	}
	return count;
}

IX_EXPORT int
ix_port_mac(uint16_t port, uint8_t *mac)
{
	struct rte_ether_addr a;
	int rc = rte_eth_macaddr_get(port, &a);
	if (rc == 0)
		memcpy(mac, a.addr_bytes, sizeof(a.addr_bytes));
	return rc;
}

IX_EXPORT int
ix_port_set_mac(uint16_t port, const uint8_t *mac)
{
	struct rte_ether_addr a;
	memcpy(a.addr_bytes, mac, sizeof(a.addr_bytes));
	return rte_eth_dev_default_mac_addr_set(port, &a);
}

static int
reta_exchange(uint16_t port, uint16_t *reta, uint16_t size, int write)
{
	struct rte_eth_rss_reta_entry64 groups[RTE_ETH_RSS_RETA_SIZE_512 / RTE_ETH_RETA_GROUP_SIZE];
	uint16_t i;
	int rc;
	if (size > RTE_ETH_RSS_RETA_SIZE_512)
		return -ENOTSUP;
	memset(groups, 0, sizeof(groups));
	for (i = 0; i < size; i++) {
		struct rte_eth_rss_reta_entry64 *g = &groups[i / RTE_ETH_RETA_GROUP_SIZE];
		g->mask |= UINT64_C(1) << (i % RTE_ETH_RETA_GROUP_SIZE);
		if (write)
			g->reta[i % RTE_ETH_RETA_GROUP_SIZE] = reta[i];
	}
	rc = write ? rte_eth_dev_rss_reta_update(port, groups, size) : rte_eth_dev_rss_reta_query(port, groups, size);
	if (rc == 0 && !write) {
		for (i = 0; i < size; i++)
			reta[i] = groups[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
	}
	return rc;
}

/* Drivers exist that read and write a key of their own length, whatever length is given: net_null does. */
#define RSS_KEY_MAX_BYTES (UINT8_MAX + 1)

IX_EXPORT int
ix_rss_program(uint16_t port, const uint8_t *key, uint8_t key_bytes, uint64_t functions, uint16_t *reta, uint16_t reta_size)
{
	uint8_t whole[RSS_KEY_MAX_BYTES] = { 0 };
	struct rte_eth_rss_conf conf;
	int rc;
	memset(&conf, 0, sizeof(conf));
	memcpy(whole, key, key_bytes);
	conf.rss_key = whole;
	conf.rss_key_len = key_bytes;
	conf.rss_hf = (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP) & functions;
	rc = rte_eth_dev_rss_hash_update(port, &conf);
	return rc != 0 ? rc : reta_exchange(port, reta, reta_size, 1);
}

IX_EXPORT int
ix_rss_query(uint16_t port, uint8_t *key, uint8_t key_bytes, uint16_t *reta, uint16_t reta_size)
{
	uint8_t whole[RSS_KEY_MAX_BYTES] = { 0 };
	struct rte_eth_rss_conf conf;
	int rc;
	memset(&conf, 0, sizeof(conf));
	conf.rss_key = whole;
	conf.rss_key_len = key_bytes;
	rc = rte_eth_dev_rss_hash_conf_get(port, &conf);
	if (rc == 0)
		memcpy(key, whole, key_bytes);
	return rc != 0 ? rc : reta_exchange(port, reta, reta_size, 0);
}

/* The process: EAL's log, error numbers, threads, leftovers of XDP, rings inside the process, layout constants. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>
#include <rte_memzone.h>
#include <rte_ring.h>
#include <rte_version.h>

#include "ix_dpdk.h"

/* ---- log: the last LOG_BYTES of what DPDK wrote and Java has not read ---- */

#define LOG_BYTES 16384

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_text[LOG_BYTES];
static size_t log_start, log_used;

static ssize_t
log_write(void *cookie, const char *text, size_t size)
{
	size_t i;
	(void)cookie;
	pthread_mutex_lock(&log_lock);
	for (i = 0; i < size; i++) {
		log_text[(log_start + log_used) % LOG_BYTES] = text[i];
		if (log_used < LOG_BYTES)
			log_used++;
		else
			log_start = (log_start + 1) % LOG_BYTES;
	}
	pthread_mutex_unlock(&log_lock);
	return (ssize_t)size;
}

/* Sends DPDK's log here from now on. Call once, before rte_eal_init. */
IX_EXPORT int
ix_log_capture(void)
{
	cookie_io_functions_t io = { .write = log_write };
	FILE *stream = fopencookie(NULL, "w", io);
	if (stream == NULL)
		return -errno;
	setvbuf(stream, NULL, _IOLBF, 1024);
	return rte_openlog_stream(stream);
}

/* Moves up to size bytes of captured log to text; returns how many. */
IX_EXPORT uint32_t
ix_log_drain(char *text, uint32_t size)
{
	uint32_t n = 0;
	FILE *stream = rte_log_get_stream();
	if (stream != NULL)
		fflush(stream);
	pthread_mutex_lock(&log_lock);
	while (n < size && log_used > 0) {
		text[n++] = log_text[log_start];
		log_start = (log_start + 1) % LOG_BYTES;
		log_used--;
	}
	pthread_mutex_unlock(&log_lock);
	return n;
}

IX_EXPORT int
ix_errno(void)
{
	return rte_errno;
}

IX_EXPORT const char *
ix_dpdk_version(void)
{
	return rte_version();
}

/* ---- threads ---- */

static pthread_once_t thread_once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_key;

static void
thread_exit(void *registered)
{
	(void)registered;
	rte_thread_unregister();
}

static void
thread_key_create(void)
{
	pthread_key_create(&thread_key, thread_exit);
}

/*
 * Gives the calling thread an lcore id, so that it has a mempool cache of its own; the id is given back when the thread
 * ends or calls ix_thread_unregister. Returns 0 (also when it has one) or -errno, and then pools work uncached.
 */
IX_EXPORT int
ix_thread_register(void)
{
	if (rte_lcore_id() != LCORE_ID_ANY)
		return 0;
	pthread_once(&thread_once, thread_key_create);
	if (rte_thread_register() != 0)
		return -rte_errno;
	pthread_setspecific(thread_key, (void *)1);
	return 0;
}

IX_EXPORT void
ix_thread_unregister(void)
{
	pthread_once(&thread_once, thread_key_create);
	if (pthread_getspecific(thread_key) != NULL) {
		pthread_setspecific(thread_key, NULL);
		rte_thread_unregister();
	}
}

/* ---- XDP leftovers ---- */

/*
 * Takes any XDP program off an interface: one that a killed process left behind keeps frames from the kernel and from
 * the next AF_XDP socket. mode_flags: XDP_FLAGS_DRV_MODE or XDP_FLAGS_SKB_MODE. Returns 0 or -errno.
 */
static int
xdp_detach_mode(int if_index, uint32_t mode_flags)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
		char attributes[64];
	} request;
	char reply[4096];
	struct nlattr *nest, *attribute;
	int32_t no_program = -1;
	int rc, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	memset(&request, 0, sizeof(request));
	request.header.nlmsg_type = RTM_SETLINK;
	request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	request.info.ifi_family = AF_UNSPEC;
	request.info.ifi_index = if_index;
	nest = (struct nlattr *)request.attributes;
	nest->nla_type = NLA_F_NESTED | IFLA_XDP;
	attribute = (struct nlattr *)(request.attributes + NLA_HDRLEN);
	attribute->nla_type = IFLA_XDP_FD;
	attribute->nla_len = NLA_HDRLEN + sizeof(no_program);
	memcpy((char *)attribute + NLA_HDRLEN, &no_program, sizeof(no_program));
	attribute = (struct nlattr *)((char *)attribute + NLA_ALIGN(attribute->nla_len));
	attribute->nla_type = IFLA_XDP_FLAGS;
	attribute->nla_len = NLA_HDRLEN + sizeof(mode_flags);
	memcpy((char *)attribute + NLA_HDRLEN, &mode_flags, sizeof(mode_flags));
	nest->nla_len = (uint16_t)((char *)attribute + NLA_ALIGN(attribute->nla_len) - (char *)nest);
	request.header.nlmsg_len = (uint32_t)(NLMSG_LENGTH(sizeof(request.info)) + nest->nla_len);

	rc = (int)send(fd, &request, request.header.nlmsg_len, 0);
	if (rc >= 0)
		rc = (int)recv(fd, reply, sizeof(reply), 0);
	if (rc < 0)
		rc = -errno;
	else if ((size_t)rc >= NLMSG_LENGTH(sizeof(struct nlmsgerr)))
		rc = ((struct nlmsgerr *)NLMSG_DATA((struct nlmsghdr *)reply))->error;
	else
		rc = -EPROTO;
	close(fd);
	return rc;
}

IX_EXPORT int
ix_xdp_detach(int if_index)
{
	int driver = xdp_detach_mode(if_index, XDP_FLAGS_DRV_MODE);
	int generic = xdp_detach_mode(if_index, XDP_FLAGS_SKB_MODE);
	return driver != 0 && generic != 0 ? driver : 0;
}

/* ---- rings inside the process ---- */

typedef int (*eth_from_rings)(const char *, struct rte_ring *const[], unsigned int, struct rte_ring *const[],
	unsigned int, unsigned int);

struct library_search {
	const char *name;
	char path[512];
};

static int
match_library(struct dl_phdr_info *info, size_t size, void *argument)
{
	struct library_search *search = argument;
	const char *found = strstr(info->dlpi_name, search->name);
	(void)size;
	if (found == NULL || found[strlen(search->name)] != '.')
		return 0;
	snprintf(search->path, sizeof(search->path), "%s", info->dlpi_name);
	return 1;
}

/* Whether a driver's library, for example "librte_net_tap", is in the process. */
IX_EXPORT int
ix_library_loaded(const char *name)
{
	struct library_search search = { .name = name };
	return dl_iterate_phdr(match_library, &search);
}

/*
 * A port over rings: receives from rx[i], sends into tx[i]. The driver is a plug-in that EAL has loaded, so it is
 * looked up and not linked. Returns the port or -errno.
 */
IX_EXPORT int
ix_port_from_rings(const char *name, struct rte_ring **rx, struct rte_ring **tx, uint32_t queues)
{
	struct library_search search = { .name = "librte_net_ring" };
	eth_from_rings from_rings;
	void *handle;
	int port;
	if (dl_iterate_phdr(match_library, &search) == 0)
		return -ENOENT;
	handle = dlopen(search.path, RTLD_NOW | RTLD_NOLOAD);
	if (handle == NULL)
		return -ENOENT;
	from_rings = (eth_from_rings)(uintptr_t)dlsym(handle, "rte_eth_from_rings");
	dlclose(handle);
	if (from_rings == NULL)
		return -ENOSYS;
	port = from_rings(name, rx, queues, tx, queues, rte_socket_id() == (unsigned int)SOCKET_ID_ANY ? 0 : rte_socket_id());
	return port < 0 ? -rte_errno : port;
}

IX_EXPORT struct rte_ring *
ix_ring_create(const char *name, uint32_t slots)
{
	return rte_ring_create(name, slots, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

/* Frees what waits in the ring, then the ring. Nobody may use it any more. */
IX_EXPORT void
ix_ring_free(struct rte_ring *ring)
{
	void *m;
	while (rte_ring_dequeue(ring, &m) == 0)
		rte_pktmbuf_free(m);
	rte_ring_free(ring);
}

/* ---- pools ---- */

IX_EXPORT struct rte_mempool *
ix_pool_create(const char *name, uint32_t mbufs, uint32_t cache, uint16_t private_bytes, uint16_t data_room)
{
	return rte_pktmbuf_pool_create(name, mbufs, cache, private_bytes, data_room, SOCKET_ID_ANY);
}

/* Bytes of one mbuf in a pool, alignment and pool header included. */
IX_EXPORT uint32_t
ix_pool_object_bytes(uint16_t private_bytes, uint16_t data_room)
{
	return rte_mempool_calc_obj_size((uint32_t)sizeof(struct rte_mbuf) + private_bytes + data_room, 0, NULL);
}

/* Bytes of a buffer whose mbuf, pool header included, fills a page of 4096 bytes; see ix_pool_create_paged. */
IX_EXPORT int32_t
ix_pool_paged_room(uint16_t private_bytes)
{
	struct rte_mempool_objsz size;

	rte_mempool_calc_obj_size(1, RTE_MEMPOOL_F_NO_SPREAD, &size);
	return 4096 - (int32_t)size.header_size - (int32_t)sizeof(struct rte_mbuf) - private_bytes;
}

static void
free_zone(struct rte_mempool_memhdr *chunk, void *zone)
{
	(void)chunk;
	rte_memzone_free(zone);
}

/* Fills the pool from one piece of memory that begins at a page. */
static int
populate_from_a_page(struct rte_mempool *pool, const char *name, uint32_t mbufs)
{
	char zone_name[RTE_MEMZONE_NAMESIZE];
	const struct rte_memzone *zone;
	int result;

	snprintf(zone_name, sizeof(zone_name), "%s_pages", name);
	zone = rte_memzone_reserve_aligned(zone_name, (size_t)mbufs * 4096, SOCKET_ID_ANY, 0, 4096);
	if (zone == NULL)
		return -rte_errno;
	/* No device of these pools does DMA, so the memory needs no I/O address. */
	result = rte_mempool_populate_iova(
		pool, zone->addr, RTE_BAD_IOVA, (size_t)mbufs * 4096, free_zone, (void *)(uintptr_t)zone);
	if (result <= 0) {
		rte_memzone_free(zone);
		return result == 0 ? -ENOBUFS : result;
	}
	return result == (int)mbufs ? 0 : -ENOBUFS;
}

/*
 * A pool for AF_XDP: one mbuf a page, from the first page on. The driver registers as many bytes with the kernel, from the
 * start of the pool's memory, as the mbufs have together, and the kernel silently drops what is sent from an mbuf that lies
 * behind them. A pool lets no mbuf cross a page and, for the sake of memory channels, makes none of exactly a page; then it
 * has gaps. Memory that does not begin at a page costs the last mbuf.
 */
IX_EXPORT struct rte_mempool *
ix_pool_create_paged(const char *name, uint32_t mbufs, uint32_t cache, uint16_t private_bytes)
{
	struct rte_pktmbuf_pool_private settings = { 0 };
	uint32_t element;
	struct rte_mempool *pool;
	int result;

	settings.mbuf_data_room_size = (uint16_t)ix_pool_paged_room(private_bytes);
	settings.mbuf_priv_size = private_bytes;
	element = (uint32_t)sizeof(struct rte_mbuf) + private_bytes + settings.mbuf_data_room_size;
	pool = rte_mempool_create_empty(name, mbufs, element, cache, sizeof(settings), SOCKET_ID_ANY, RTE_MEMPOOL_F_NO_SPREAD);
	if (pool == NULL)
		return NULL;
	result = rte_mempool_set_ops_byname(pool, rte_mbuf_best_mempool_ops(), NULL);
	if (result == 0) {
		rte_pktmbuf_pool_init(pool, &settings);
		result = populate_from_a_page(pool, name, mbufs);
	}
	if (result < 0) {
		rte_mempool_free(pool);
		rte_errno = -result;
		return NULL;
	}
	rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
	return pool;
}

/* ---- layout constants ---- */

#define LAYOUT(name, value) { name, (int64_t)(value) }

static const struct {
	const char *name;
	int64_t value;
} layout[] = {
	LAYOUT("IX_SHIM_VERSION", IX_SHIM_VERSION),
	LAYOUT("IX_BURST_MAX", IX_BURST_MAX),
	LAYOUT("sizeof(struct rte_mbuf)", sizeof(struct rte_mbuf)),
	LAYOUT("offsetof(struct rte_mbuf, buf_addr)", offsetof(struct rte_mbuf, buf_addr)),
	LAYOUT("offsetof(struct rte_mbuf, buf_len)", offsetof(struct rte_mbuf, buf_len)),
	LAYOUT("RTE_PKTMBUF_HEADROOM", RTE_PKTMBUF_HEADROOM),
	LAYOUT("sizeof(struct ix_descriptor)", sizeof(struct ix_descriptor)),
	LAYOUT("offsetof(struct ix_descriptor, mbuf)", offsetof(struct ix_descriptor, mbuf)),
	LAYOUT("offsetof(struct ix_descriptor, frame)", offsetof(struct ix_descriptor, frame)),
	LAYOUT("offsetof(struct ix_descriptor, length)", offsetof(struct ix_descriptor, length)),
	LAYOUT("offsetof(struct ix_descriptor, hash_or_header_lengths)",
		offsetof(struct ix_descriptor, hash_or_header_lengths)),
	LAYOUT("offsetof(struct ix_descriptor, flags)", offsetof(struct ix_descriptor, flags)),
	LAYOUT("offsetof(struct ix_descriptor, type_or_mss)", offsetof(struct ix_descriptor, type_or_mss)),
	LAYOUT("IX_RX_HASH_VALID", IX_RX_HASH_VALID),
	LAYOUT("IX_RX_IP_CHECKSUM_GOOD", IX_RX_IP_CHECKSUM_GOOD),
	LAYOUT("IX_RX_IP_CHECKSUM_BAD", IX_RX_IP_CHECKSUM_BAD),
	LAYOUT("IX_RX_L4_CHECKSUM_GOOD", IX_RX_L4_CHECKSUM_GOOD),
	LAYOUT("IX_RX_L4_CHECKSUM_BAD", IX_RX_L4_CHECKSUM_BAD),
	LAYOUT("IX_RX_MULTI_SEGMENT", IX_RX_MULTI_SEGMENT),
	LAYOUT("IX_TX_IP_CHECKSUM", IX_TX_IP_CHECKSUM),
	LAYOUT("IX_TX_TCP_CHECKSUM", IX_TX_TCP_CHECKSUM),
	LAYOUT("IX_TX_UDP_CHECKSUM", IX_TX_UDP_CHECKSUM),
	LAYOUT("IX_TX_SEGMENTATION", IX_TX_SEGMENTATION),
	LAYOUT("IX_TX_IPV6", IX_TX_IPV6),
	LAYOUT("sizeof(struct ix_port_info)", sizeof(struct ix_port_info)),
	LAYOUT("offsetof(struct ix_port_info, rss_functions)", offsetof(struct ix_port_info, rss_functions)),
	LAYOUT("offsetof(struct ix_port_info, driver)", offsetof(struct ix_port_info, driver)),
	LAYOUT("offsetof(struct ix_port_info, device)", offsetof(struct ix_port_info, device)),
};

/* The value called name, or -1. */
IX_EXPORT int64_t
ix_layout(const char *name)
{
	for (size_t i = 0; i < sizeof(layout) / sizeof(layout[0]); i++) {
		if (strcmp(layout[i].name, name) == 0)
			return layout[i].value;
	}
	return -1;
}

/**
 * The cache behind the memcached server: bounded, off-heap, shared by all event loops.
 *
 * <pre>
 *   Store ── hash ──> Shard (lock, hash table, list by age, counters)
 *                        └── BlockArena (off-heap memory in blocks of 128 bytes, chained)
 * </pre>
 *
 * <p>Depends on Netty's buffers only, so that it can be tested without a server.
 *
 * <p>Thread rule: a {@link org.ixnet.examples.memcached.store.Shard} and its arena are used between
 * {@code shard.lock()} and {@code shard.unlock()}; a {@code Key}, {@code Cursor} and {@code Pending} belong to one
 * connection. Nothing is allocated after start.
 */
package org.ixnet.examples.memcached.store;

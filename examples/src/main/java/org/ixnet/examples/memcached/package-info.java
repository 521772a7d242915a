/**
 * A memcached server: the whole text protocol with its meta commands, and the binary protocol.
 *
 * <pre>
 *   bytes ──> MemcachedHandler ──> TextProtocol ──> MetaCommands ─┐
 *             (batching,       └─> BinaryProtocol ────────────────┼──> store
 *              backpressure)       Session (output, per connection)┘
 * </pre>
 *
 * <p>Thread rule: everything of a connection is used by its event loop alone; only the store and {@code ServerStats} are
 * shared.
 */
package org.ixnet.examples.memcached;

/**
 * The run-to-completion dataplane: elastic threads and what they share. The only place where the layers are put together.
 *
 * <pre>
 *   Dataplane -- Membership (who is there, who owns which flow group) -- QueueTable (who polls which device queue, RSS)
 *       |
 *   ElasticThread.pollOnce, one cycle:
 *
 *   messages -> rx burst, rings, loopback -> Steering -> ip -> tcp, udp -> events -> users
 *                                              |                                       |
 *                                              v other threads' rings                  v
 *                                                         tx burst <- timers <- tcp output
 * </pre>
 *
 * <p>Packets cross threads in {@link org.ixnet.stack.dataplane.PacketRing}s with one producer and one consumer, everything
 * else in the messages of an {@link org.ixnet.stack.dataplane.Inbox}. Connections never change threads by themselves: when
 * a flow group goes to another thread its connections stay and become {@link org.ixnet.stack.dataplane.Strays}.
 *
 * <p>Thread rule: an {@link org.ixnet.stack.dataplane.ElasticThread} belongs to the thread that attached it; a
 * {@link org.ixnet.stack.dataplane.Dataplane} may be used by any thread. May depend on every package but {@code control}.
 */
package org.ixnet.stack.dataplane;

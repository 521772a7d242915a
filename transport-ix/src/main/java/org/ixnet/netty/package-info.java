/**
 * The Netty transport on the IX dataplane. Three lines of a server change: {@link org.ixnet.netty.IxEventLoopGroup} for the
 * group, {@link org.ixnet.netty.IxServerSocketChannel} for the channel, and {@link org.ixnet.netty.Ix} if it asks what is
 * available.
 *
 * <pre>
 *  handlers        fireChannelRead(MbufByteBuf)      write, flush
 *  channels        IxSocketChannel ................. InFlight until acknowledged
 *       ^ ConnectionUser, ListenerUser, UdpUser      | UserCalls
 *  IxIoHandler.run = ElasticThread.pollOnce: one cycle of the dataplane, handlers run inside it
 * </pre>
 *
 * <p>A connection lives on the loop that its flow hashes to; its channel is registered there. May depend on
 * {@code org.ixnet.stack} and Netty. Thread rule: Netty's; a channel belongs to its loop, and its loop to one thread.
 */
package org.ixnet.netty;

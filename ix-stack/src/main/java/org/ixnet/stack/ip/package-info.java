/**
 * The internet layer: input with validation, output, routes, neighbours (ARP), ICMP, fragments.
 *
 * <pre>
 *  frame -> IpLayer.input -> Ipv4Input -> IpProtocol (tcp, udp) | IcmpV4
 *               |               +-- Reassembly
 *               +-> Arp <-> NeighbourTable (shared) <- Neighbour (a thread's, with waiting packets)
 *  segment -> IpLayer.output(Route, ...) -> Neighbour -> TransmitQueue
 *                                        +-> Loopback (own addresses)
 * </pre>
 *
 * <p>May depend on {@code flow}, {@code device}, {@code wire}, {@code memory}, {@code timer}, {@code stats}, {@code util}.
 * Thread rule: {@link org.ixnet.stack.ip.IpHost} and what it holds are shared by all elastic threads; the rest belongs to
 * one.
 */
package org.ixnet.stack.ip;

/**
 * Header flyweights: static accessors over the address of a header, in the order and names of the RFC. They trust their
 * caller to have checked the length.
 *
 * <pre>
 *  Ethernet [Vlan] | Arp
 *                  | Ipv4, Ipv6 | IcmpV4 | Udp | Tcp [TcpOptions]
 * </pre>
 *
 * <p>May depend on {@code memory} and {@code util}. Thread rule: stateless.
 */
package org.ixnet.stack.wire;

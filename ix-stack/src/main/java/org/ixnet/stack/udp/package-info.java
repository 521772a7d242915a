/**
 * UDP (RFC 768) with sockets of bounded queues.
 *
 * <p>May depend on {@code ip} and everything right of it. Thread rule: the elastic thread.
 */
package org.ixnet.stack.udp;

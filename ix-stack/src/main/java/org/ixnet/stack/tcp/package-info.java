/**
 * TCP by RFC 9293, section by section. Upcalls: {@link org.ixnet.stack.tcp.ConnectionUser}; downcalls:
 * {@link org.ixnet.stack.tcp.UserCalls}.
 *
 * <p>Thread rule: everything here belongs to one elastic thread. May depend on {@code ip}, {@code flow}, {@code congestion},
 * {@code timer}, {@code stats}, {@code wire}, {@code memory}, {@code util}.
 */
package org.ixnet.stack.tcp;

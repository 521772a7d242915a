/**
 * Which connection a packet belongs to, and which thread that connection lives on.
 *
 * <pre>
 *  packet -> Toeplitz.hash -> FlowGroups.owner -> that thread's FlowTable -> connection
 *  connect -> PortAllocator: a local port whose replies take the same way back to the caller
 * </pre>
 *
 * <p>May depend on {@code device}, {@code wire}, {@code memory}, {@code util}, {@code stats}. Thread rule:
 * {@link org.ixnet.stack.flow.FlowGroups} and {@link org.ixnet.stack.flow.PortTable} are shared; the others have one owner.
 */
package org.ixnet.stack.flow;

/**
 * Congestion control: how much may be in flight. {@link org.ixnet.stack.congestion.CongestionWindow} is the state that TCP
 * reads, a {@link org.ixnet.stack.congestion.CongestionControl} moves it.
 *
 * <pre>
 *   LossRecovery, SegmentArrives --(acked, loss, timeout)--> CongestionControl --> CongestionWindow --> TcpOutput
 * </pre>
 *
 * <p>May depend on {@code util} only. Thread rule: the elastic thread that owns the connection.
 */
package org.ixnet.stack.congestion;

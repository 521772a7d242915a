/**
 * TCP by RFC 9293, section by section. Upcalls: {@link org.ixnet.stack.tcp.ConnectionUser}; downcalls:
 * {@link org.ixnet.stack.tcp.UserCalls}.
 *
 * <pre>
 *  RFC 9293            here
 *  3.3.1, 3.3.2        Tcb, TcpState
 *  3.4.1 (RFC 6528)    InitialSequenceNumbers, SynCookies (RFC 4987)
 *  3.5                 Handshake, SynRequest, Listener
 *  3.6                 TimeWaitTable, Tcb.closeDeadline
 *  3.7.1 (RFC 1191)    SegmentSize
 *  3.8.1 (RFC 6298)    RttEstimator, Timeouts
 *  3.8.2 (RFC 5681 ..) LossRecovery, SackScoreboard, package congestion
 *  3.8.6               TcpOutput (sender), ReceiveSide (receiver)
 *  3.9.2.2             IcmpErrors
 *  3.10.1 .. 3.10.6    UserCalls
 *  3.10.7              SegmentArrives (Tcb), Handshake (LISTEN, SYN-SENT), TimeWaitTable
 *  3.10.8              Timeouts
 * </pre>
 *
 * <p>A {@code Tcb} is data; the other classes are made once a thread and work on whichever connection is in hand. Thread
 * rule: everything here belongs to one elastic thread. May depend on {@code ip}, {@code flow}, {@code congestion},
 * {@code timer}, {@code stats}, {@code wire}, {@code memory}, {@code util}.
 */
package org.ixnet.stack.tcp;

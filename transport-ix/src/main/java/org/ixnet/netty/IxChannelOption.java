package org.ixnet.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.unix.UnixChannelOption;

/**
 * Options of IX channels beyond {@link ChannelOption}; the same names, types and units as in {@code EpollChannelOption}. Thread
 * rule: any thread.
 */
public final class IxChannelOption<T> extends ChannelOption<T> {
    /** Send full segments only. */
    public static final ChannelOption<Boolean> TCP_CORK = valueOf(IxChannelOption.class, "TCP_CORK");
    /** Bytes of unsent data above which the connection counts as not writable. */
    public static final ChannelOption<Long> TCP_NOTSENT_LOWAT = valueOf(IxChannelOption.class, "TCP_NOTSENT_LOWAT");
    /** Seconds without traffic before the first keepalive probe. */
    public static final ChannelOption<Integer> TCP_KEEPIDLE = valueOf(IxChannelOption.class, "TCP_KEEPIDLE");
    /** Seconds between keepalive probes. */
    public static final ChannelOption<Integer> TCP_KEEPINTVL = valueOf(IxChannelOption.class, "TCP_KEEPINTVL");
    /** Keepalive probes without an answer before the connection is given up. */
    public static final ChannelOption<Integer> TCP_KEEPCNT = valueOf(IxChannelOption.class, "TCP_KEEPCNT");
    /** Milliseconds that sent data may stay unacknowledged; 0: the limit of retransmission. */
    public static final ChannelOption<Integer> TCP_USER_TIMEOUT = valueOf(IxChannelOption.class, "TCP_USER_TIMEOUT");
    /** Acknowledge every segment at once. */
    public static final ChannelOption<Boolean> TCP_QUICKACK = valueOf(IxChannelOption.class, "TCP_QUICKACK");
    /** Several server or datagram channels may share a port. The option of Netty's other native transports. */
    public static final ChannelOption<Boolean> SO_REUSEPORT = UnixChannelOption.SO_REUSEPORT;
    /** Seconds that an accepted connection may wait for its first data; until then the server does not hear of it. */
    public static final ChannelOption<Integer> TCP_DEFER_ACCEPT = valueOf(IxChannelOption.class, "TCP_DEFER_ACCEPT");

    @SuppressWarnings("deprecation") // the only constructor that a subclass can call
    private IxChannelOption() {
        super("IxChannelOption");
    }
}

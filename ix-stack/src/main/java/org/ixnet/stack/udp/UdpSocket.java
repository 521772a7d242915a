package org.ixnet.stack.udp;

import org.jspecify.annotations.Nullable;

/** A UDP endpoint. Thread rule: the elastic thread that bound it. */
public final class UdpSocket {
    /** For the user to find its own object again. */
    public @Nullable Object userHandle;

    UdpSocket() {}

    public long localHi() {
        throw new UnsupportedOperationException("not built yet");
    }

    public long localLo() {
        throw new UnsupportedOperationException("not built yet");
    }

    public int localPort() {
        throw new UnsupportedOperationException("not built yet");
    }

    public boolean isConnected() {
        throw new UnsupportedOperationException("not built yet");
    }

    public long remoteHi() {
        throw new UnsupportedOperationException("not built yet");
    }

    public long remoteLo() {
        throw new UnsupportedOperationException("not built yet");
    }

    public int remotePort() {
        throw new UnsupportedOperationException("not built yet");
    }

    public boolean isClosed() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** SO_BROADCAST: {@link UdpLayer#send} to a broadcast address is refused without it. */
    public void broadcast(boolean allowed) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** SO_RCVBUF: bytes of payload that may wait; what comes beyond is dropped and counted. */
    public void receiveBufferBytes(int bytes) {
        throw new UnsupportedOperationException("not built yet");
    }

    public int receiveBufferBytes() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** IP_TOS of datagrams sent. */
    public void trafficClass(int octet) {
        throw new UnsupportedOperationException("not built yet");
    }
}

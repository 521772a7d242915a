package org.ixnet.stack.dataplane;

import java.lang.invoke.VarHandle;

/**
 * One thread's rings to the others, and whom to wake for what it put there. Thread rule: the elastic thread.
 */
final class Outbox {
    private final Membership membership;
    private final int index;
    /** A bit for each thread that got something since the last {@link #wakeReceivers}. */
    private long receivers;

    Outbox(Membership membership, int index) {
        this.membership = membership;
        this.index = index;
    }

    /** Puts a packet into the ring to {@code target}; false when that is full or the thread has left. */
    boolean offer(
            int target, int kind, long mbuf, long frameAddress, int lengthBytes, int word20, int flags, int word28) {
        if (target < 0 || target == index || !membership.isAttached(target)) {
            return false;
        }
        PacketRing ring = membership.ring(index, target);
        if (ring == null || !ring.offer(kind, mbuf, frameAddress, lengthBytes, word20, flags, word28)) {
            return false;
        }
        receivers |= 1L << target;
        return true;
    }

    /** Wakes those who sleep beside what they got in this cycle. */
    void wakeReceivers() {
        if (receivers == 0) {
            return;
        }
        // The packets must be visible before the sleep flag is read; see IdleLadder.
        VarHandle.fullFence();
        long left = receivers;
        receivers = 0;
        while (left != 0) {
            membership.wake(Long.numberOfTrailingZeros(left));
            left &= left - 1;
        }
    }
}

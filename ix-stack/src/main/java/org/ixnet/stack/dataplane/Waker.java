package org.ixnet.stack.dataplane;

/** Ends the sleep of an elastic thread's owner. Thread rule: any thread. */
@FunctionalInterface
public interface Waker {
    void wakeup();
}

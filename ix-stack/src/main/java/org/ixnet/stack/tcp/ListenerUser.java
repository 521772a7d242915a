package org.ixnet.stack.tcp;

/** The upcall of a listener. Thread rule: the listener's elastic thread. */
public interface ListenerUser {

    /** knock: at least one established connection waits in the accept queue; take it with {@link UserCalls#accept}. */
    void knock(Listener listener);
}

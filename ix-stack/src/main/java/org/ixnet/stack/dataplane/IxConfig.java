package org.ixnet.stack.dataplane;

/** The configuration of a {@link Dataplane}. */
public record IxConfig(String device, String address) {}

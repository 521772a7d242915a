/**
 * Servers that run on any Netty transport: the same pipeline, whichever {@link org.ixnet.examples.Transport} carries it.
 *
 * <pre>
 *   Main ──> memcached | echo | http ──> ServerOptions ──> Transport (group, channel class)
 * </pre>
 *
 * <p>Thread rule: the main thread starts a server and waits; handlers run on the event loops.
 */
package org.ixnet.examples;

/**
 * Counters: one enum constant a drop reason or event, one array of longs a thread, one writer.
 *
 * <p>May depend on {@code util} only. Thread rule: the owner writes, any thread reads.
 */
package org.ixnet.stack.stats;

/**
 * Timers of an elastic thread.
 *
 * <pre>
 *  level 0: 256 slots of 16.384 us   (4.19 ms)
 *  level 1: 256 slots of 4.19 ms     (1.07 s)
 *  level 2: 256 slots of 1.07 s      (275 s)     later: one slot more
 * </pre>
 *
 * <p>May depend on {@code util} only. Thread rule: the owning elastic thread.
 */
package org.ixnet.stack.timer;

/**
 * JMH micro-benchmarks of what the hot path is made of; {@code ix bench micro}. Depends on ix-stack and {@code raw}. Thread
 * rule: one thread.
 */
@NullMarked
package org.ixnet.benchmarks.micro;

import org.jspecify.annotations.NullMarked;

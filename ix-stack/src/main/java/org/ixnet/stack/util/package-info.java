/**
 * What every other package may use: sequence arithmetic, addresses as longs, keyed hashing, injected randomness.
 *
 * <p>Depends on nothing. Thread rule: static methods are stateless; an instance has one owner unless its class says
 * otherwise.
 */
package org.ixnet.stack.util;

/**
 * The device SPI: what a wire must offer, and the wires in memory.
 *
 * <pre>
 *  DeviceProvider --open--> Device --queue(i)--> DeviceQueue.rxBurst / txBurst
 *                             |                        | PacketBurst: descriptors, one call a burst
 *                             +-- MbufStore &lt;----------+
 * </pre>
 *
 * <p>May depend on {@code memory} and {@code util}.
 */
package org.ixnet.stack.device;

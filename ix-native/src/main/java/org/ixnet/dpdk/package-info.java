/**
 * DPDK for Java: start EAL, open Ethernet ports, send and receive raw frames; and the devices of the IX dataplane.
 *
 * <pre>
 *  DpdkDeviceProvider --DeviceConfig--> PortKind (tap, af_xdp, af_packet, memif, ring, pci)
 *        |                                 | attach: hot-plug, addresses, leftovers
 *        v                                 v
 *  DpdkDevice ------ queue(i) ------> EthernetPort, DpdkMbufStore ----> org.ixnet.dpdk.ffi ----> DPDK
 *        (org.ixnet.stack.device SPI)      Eal: once a process
 * </pre>
 *
 * <p>Thread rule: control from one thread at a time; a queue's bursts from exactly one platform thread; the mbuf store from
 * any. Depends on {@code org.ixnet.stack.device} and {@code memory}.
 */
@NullMarked
package org.ixnet.dpdk;

import org.jspecify.annotations.NullMarked;

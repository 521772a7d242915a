/** Programs that use {@link org.ixnet.dpdk} alone, to read and to try a device with. */
@NullMarked
package org.ixnet.dpdk.samples;

import org.jspecify.annotations.NullMarked;

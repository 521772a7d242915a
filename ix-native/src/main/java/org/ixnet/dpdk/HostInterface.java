package org.ixnet.dpdk;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.ixnet.dpdk.ffi.Libc;
import org.ixnet.stack.device.DeviceException;

/**
 * A network interface of the kernel: what it is, and the host's side of a TAP device. Works by ioctl, in the network
 * namespace of the calling thread (/sys would show another one), and needs no {@code ip} command. Thread rule: any.
 */
public final class HostInterface {
    private static final int NAME_MAX = 15;
    private static final int IFREQ_BYTES = 40;
    private static final int IFREQ_VALUE = 16;

    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCSIFADDR = 0x8916;
    private static final long SIOCSIFNETMASK = 0x891c;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCSIFMTU = 0x8922;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final long SIOCGIFINDEX = 0x8933;
    private static final long SIOCETHTOOL = 0x8946;
    private static final int ETHTOOL_GCHANNELS = 0x3c;
    private static final int IFF_UP = 1;
    private static final int IFF_RUNNING = 0x40;

    private final String name;

    private HostInterface(String name) {
        this.name = name;
    }

    /**
     * @param name 1..15 characters without {@code /} or white space
     * @throws DeviceException when the name cannot be an interface's
     */
    public static HostInterface named(String name) {
        if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > NAME_MAX || !name.matches("[^/\\s:,=]+")) {
            throw new DeviceException("interface name is '" + name + "'; must be 1.." + NAME_MAX
                    + " characters without / : , = or white space; remedy: set ix.iface");
        }
        return new HostInterface(name);
    }

    public String name() {
        return name;
    }

    public boolean exists() {
        try (Arena arena = Arena.ofConfined()) {
            return control(SIOCGIFINDEX, request(arena)) >= 0;
        }
    }

    /** The kernel's index of the interface. */
    public int index() {
        try (Arena arena = Arena.ofConfined()) {
            return require(SIOCGIFINDEX, request(arena), "SIOCGIFINDEX").get(ValueLayout.JAVA_INT, IFREQ_VALUE);
        }
    }

    public int mtuBytes() {
        try (Arena arena = Arena.ofConfined()) {
            return require(SIOCGIFMTU, request(arena), "SIOCGIFMTU").get(ValueLayout.JAVA_INT, IFREQ_VALUE);
        }
    }

    public void mtuBytes(int mtuBytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena);
            request.set(ValueLayout.JAVA_INT, IFREQ_VALUE, mtuBytes);
            require(SIOCSIFMTU, request, "SIOCSIFMTU " + mtuBytes);
        }
    }

    /** The MAC address, 48 bits, first byte highest. */
    public long macAddress() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment reply = require(SIOCGIFHWADDR, request(arena), "SIOCGIFHWADDR");
            return MacAddress.fromBytes(reply.asSlice(IFREQ_VALUE + 2, 6).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    public boolean isUp() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment reply = require(SIOCGIFFLAGS, request(arena), "SIOCGIFFLAGS");
            return (reply.get(ValueLayout.JAVA_SHORT, IFREQ_VALUE) & IFF_UP) != 0;
        }
    }

    public void up() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = require(SIOCGIFFLAGS, request(arena), "SIOCGIFFLAGS");
            int flags = request.get(ValueLayout.JAVA_SHORT, IFREQ_VALUE) | IFF_UP | IFF_RUNNING;
            request.set(ValueLayout.JAVA_SHORT, IFREQ_VALUE, (short) flags);
            require(SIOCSIFFLAGS, request, "SIOCSIFFLAGS up");
        }
    }

    /** Queues that the interface has in each direction; 1 when it does not say. */
    public int channels() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment channels = arena.allocate(36, 8);
            channels.set(ValueLayout.JAVA_INT, 0, ETHTOOL_GCHANNELS);
            MemorySegment request = request(arena);
            request.set(ValueLayout.JAVA_LONG, IFREQ_VALUE, channels.address());
            if (control(SIOCETHTOOL, request) < 0) {
                return 1;
            }
            int rx = channels.get(ValueLayout.JAVA_INT, 20);
            int combined = channels.get(ValueLayout.JAVA_INT, 32);
            return Math.max(1, combined + rx);
        }
    }

    /**
     * Gives the interface an address and brings it up.
     *
     * @param cidr for example {@code 10.18.0.1/24} or {@code fd00::1/64}
     * @throws DeviceException when {@code cidr} is not an address with a prefix length, or the kernel refuses
     */
    public void address(String cidr) {
        int slash = cidr.indexOf('/');
        byte[] address = slash < 1 ? new byte[0] : literal(cidr.substring(0, slash));
        int prefixBits = address.length == 0 ? -1 : number(cidr.substring(slash + 1));
        if (prefixBits < 0 || prefixBits > address.length * 8) {
            throw new DeviceException(
                    "host_address is '" + cidr + "'; must be an address and prefix length, for example 10.18.0.1/24");
        }
        if (address.length == 4) {
            setAddress4(address, prefixBits);
        } else {
            setAddress6(address, prefixBits);
        }
        up();
    }

    private static byte[] literal(String text) {
        try {
            // Only literals: a name would be looked up over the network.
            return text.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")
                    ? InetAddress.getByName(text).getAddress()
                    : new byte[0];
        } catch (UnknownHostException e) {
            return new byte[0];
        }
    }

    private static int number(String text) {
        return text.matches("\\d{1,3}") ? Integer.parseInt(text) : -1;
    }

    private void setAddress4(byte[] address, int prefixBits) {
        int mask = prefixBits == 0 ? 0 : -1 << (32 - prefixBits);
        byte[] maskBytes = {(byte) (mask >>> 24), (byte) (mask >>> 16), (byte) (mask >>> 8), (byte) mask};
        try (Arena arena = Arena.ofConfined()) {
            require(SIOCSIFADDR, socketAddress4(arena, address), "SIOCSIFADDR");
            require(SIOCSIFNETMASK, socketAddress4(arena, maskBytes), "SIOCSIFNETMASK");
        }
    }

    private MemorySegment socketAddress4(Arena arena, byte[] address) {
        MemorySegment request = request(arena);
        request.set(ValueLayout.JAVA_SHORT, IFREQ_VALUE, (short) Libc.AF_INET);
        MemorySegment.copy(address, 0, request, ValueLayout.JAVA_BYTE, IFREQ_VALUE + 4, 4);
        return request;
    }

    private void setAddress6(byte[] address, int prefixBits) {
        int index = index();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(24, 8); // struct in6_ifreq
            MemorySegment.copy(address, 0, request, ValueLayout.JAVA_BYTE, 0, 16);
            request.set(ValueLayout.JAVA_INT, 16, prefixBits);
            request.set(ValueLayout.JAVA_INT, 20, index);
            int rc = control(Libc.AF_INET6, SIOCSIFADDR, request);
            if (rc < 0 && rc != -Libc.EEXIST) {
                throw failure("SIOCSIFADDR (IPv6)", rc);
            }
        }
    }

    private MemorySegment request(Arena arena) {
        MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
        request.setString(0, name);
        return request;
    }

    private MemorySegment require(long code, MemorySegment request, String what) {
        int rc = control(code, request);
        if (rc < 0) {
            throw failure(what, rc);
        }
        return request;
    }

    private DeviceException failure(String what, int rc) {
        String remedy = switch (-rc) {
            case Libc.ENODEV -> "name an interface that exists (ip link)";
            case Libc.EPERM -> "run as root or with CAP_NET_ADMIN";
            default -> "see ip link show " + name;
        };
        return new DeviceException("interface '" + name + "': ioctl " + what + " failed with error " + -rc + " ("
                + Libc.errorText(-rc) + "); remedy: " + remedy);
    }

    private static int control(long code, MemorySegment request) {
        return control(Libc.AF_INET, code, request);
    }

    private static int control(int family, long code, MemorySegment request) {
        int socket = Libc.socket(family, Libc.SOCK_DGRAM);
        if (socket < 0) {
            return socket;
        }
        try {
            return Libc.ioctl(socket, code, request);
        } finally {
            Libc.close(socket);
        }
    }
}

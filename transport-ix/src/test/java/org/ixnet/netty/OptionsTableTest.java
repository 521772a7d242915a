package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollMode;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Holds COMPLIANCE.md's table of options against the code: what epoll and io_uring have, today or with a newer Netty, must
 * be there as met, without effect, or refused with a reason, and so must IX's channels behave.
 */
@SuppressWarnings("deprecation") // what Netty will drop is an option as long as it is there
class OptionsTableTest {
    private static final Pattern NAME = Pattern.compile("`([A-Z][A-Z0-9_]+)`");
    private static final List<Class<?>> CONSTANTS = List.of(
            ChannelOption.class,
            UnixChannelOption.class,
            EpollChannelOption.class,
            IoUringChannelOption.class,
            IxChannelOption.class);

    /** A kind of channel: its column in the table, and the three transports' channel of it. */
    private record Kind(
            String name, int column, Supplier<Channel> ix, Supplier<Channel> epoll, Supplier<Channel> ioUring) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final List<Kind> KINDS = List.of(
            new Kind("socket", 0, IxSocketChannel::new, EpollSocketChannel::new, IoUringSocketChannel::new),
            new Kind(
                    "server",
                    1,
                    IxServerSocketChannel::new,
                    EpollServerSocketChannel::new,
                    IoUringServerSocketChannel::new),
            new Kind("datagram", 2, IxDatagramChannel::new, EpollDatagramChannel::new, IoUringDatagramChannel::new));

    /** A row: the state for each kind of channel, "" where it is no option of theirs, and the reason. */
    private record Row(List<String> states, String where) {
        String state(Kind kind) {
            return states.get(kind.column());
        }
    }

    private static Map<String, Row> table() throws IOException {
        Map<String, Row> rows = new LinkedHashMap<>();
        boolean inTable = false;
        for (String line : Files.readAllLines(Path.of("..", "COMPLIANCE.md"))) {
            if (line.startsWith("#")) {
                inTable = line.equals("### Options");
            } else if (inTable && line.startsWith("| `")) {
                List<String> cells = Arrays.stream(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList();
                Matcher names = NAME.matcher(cells.getFirst());
                while (names.find()) {
                    assertThat(rows.put(names.group(1), new Row(cells.subList(1, 4), cells.get(4))))
                            .as("a second row for %s", names.group(1))
                            .isNull();
                }
            }
        }
        assertThat(rows).isNotEmpty();
        return rows;
    }

    private static String name(ChannelOption<?> option) {
        return option.name().substring(option.name().lastIndexOf('#') + 1);
    }

    private static Set<String> options(Supplier<Channel> of) {
        Channel channel = of.get();
        try {
            return channel.config().getOptions().keySet().stream()
                    .map(OptionsTableTest::name)
                    .collect(Collectors.toCollection(TreeSet::new));
        } finally {
            channel.unsafe().closeForcibly();
        }
    }

    private static List<Field> constants() {
        List<Field> fields = new ArrayList<>();
        for (Class<?> type : CONSTANTS) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isPublic(field.getModifiers()) && ChannelOption.class.isAssignableFrom(field.getType())) {
                    fields.add(field);
                }
            }
        }
        return fields;
    }

    @Test
    void everyOptionHasItsRow() throws Exception {
        Map<String, Row> table = table();
        for (Field field : constants()) {
            assertThat(table).as("%s", field).containsKey(name((ChannelOption<?>) field.get(null)));
        }
    }

    @Test
    void everyRowSaysMetWithoutEffectOrRefusedAndWhy() throws Exception {
        table().forEach((name, row) -> {
            assertThat(row.where()).as("the reason or the test of %s", name).isNotEmpty();
            assertThat(row.states())
                    .as(name)
                    .allMatch(state -> state.isEmpty()
                            || state.startsWith("met")
                            || state.equals("no effect")
                            || state.equals("refused"));
            assertThat(row.states()).as(name).anyMatch(state -> !state.isEmpty());
        });
    }

    @Test
    void whatEpollHasIsThere() throws Exception {
        assumeTrue(Epoll.isAvailable(), () -> "epoll is not available: " + Epoll.unavailabilityCause());
        for (Kind kind : KINDS) {
            assertStated(kind, options(kind.epoll()));
        }
    }

    @Test
    void whatIoUringHasIsThere() throws Exception {
        assumeTrue(IoUring.isAvailable(), () -> "io_uring is not available: " + IoUring.unavailabilityCause());
        for (Kind kind : KINDS) {
            assertStated(kind, options(kind.ioUring()));
        }
    }

    private static void assertStated(Kind kind, Set<String> names) throws IOException {
        Map<String, Row> table = table();
        for (String name : names) {
            assertThat(table).containsKey(name);
            assertThat(table.get(name).state(kind)).as("%s of %s", name, kind).isNotEmpty();
        }
    }

    @Test
    void whatIsMetIsAnOptionOfTheChannelAndWhatIsRefusedIsNot() throws Exception {
        Map<String, Row> table = table();
        for (Kind kind : KINDS) {
            Set<String> here = options(kind.ix());
            Set<String> stated = new TreeSet<>();
            table.forEach((name, row) -> {
                if (row.state(kind).startsWith("met") || row.state(kind).equals("no effect")) {
                    stated.add(name);
                }
            });
            assertThat(here).as("options of %s", kind).isEqualTo(stated);
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void whatIsRefusedIsSaidToBe() throws Exception {
        Map<String, Row> table = table();
        Map<Class<?>, Object> samples = new HashMap<>(Map.of(
                Boolean.class,
                true,
                Integer.class,
                1,
                Long.class,
                1L,
                Short.class,
                (short) 1,
                InetAddress.class,
                InetAddress.getLoopbackAddress(),
                Map.class,
                Map.of(),
                EpollMode.class,
                EpollMode.EDGE_TRIGGERED,
                DomainSocketReadMode.class,
                DomainSocketReadMode.FILE_DESCRIPTORS));
        NetworkInterface.networkInterfaces().findFirst().ifPresent(any -> samples.put(NetworkInterface.class, any));
        for (Field field : constants()) {
            ChannelOption<Object> option = (ChannelOption<Object>) field.get(null);
            for (Kind kind : KINDS) {
                if (table.get(name(option)).state(kind).equals("refused")) {
                    var type = ((ParameterizedType) field.getGenericType()).getActualTypeArguments()[0];
                    Object sample = samples.get(type instanceof ParameterizedType raw ? raw.getRawType() : type);
                    assertThat(sample).as("a value for %s", field).isNotNull();
                    Channel channel = kind.ix().get();
                    assertThat(channel.config().setOption(option, sample))
                            .as("%s of %s", option, kind)
                            .isFalse();
                    channel.unsafe().closeForcibly();
                }
            }
        }
    }
}

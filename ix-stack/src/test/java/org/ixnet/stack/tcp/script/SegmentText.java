package org.ixnet.stack.tcp.script;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ixnet.stack.wire.Tcp;
import org.ixnet.stack.wire.TcpOptions;

/**
 * The notation of a segment in a script, as in packetdrill: {@code FLAGS seq:end(length) [ack N] [win N] [<options>]}. Flags
 * are letters of {@code FSRPUEC} and {@code .} for ACK.
 */
record SegmentText(
        int flags, long sequence, int length, Long ack, Integer window, List<String> options, int checksumError) {
    private static final Pattern SYNTAX = Pattern.compile(
            "([FSRPUEC.]+)\\s+(-?\\d+):(-?\\d+)\\((\\d+)\\)(?:\\s+ack\\s+(-?\\d+))?(?:\\s+win\\s+(\\d+))?(?:\\s+<(.*)>)?(\\s+badsum)?");

    static SegmentText parse(String text) {
        Matcher m = SYNTAX.matcher(text.trim());
        if (!m.matches()) {
            throw new IllegalArgumentException("not a segment: " + text);
        }
        int flags = 0;
        for (char c : m.group(1).toCharArray()) {
            flags |= flag(c);
        }
        long sequence = Long.parseLong(m.group(2));
        int length = Integer.parseInt(m.group(4));
        if (Long.parseLong(m.group(3)) - sequence != length) {
            throw new IllegalArgumentException("end - seq is not the length: " + text);
        }
        List<String> options = null;
        if (m.group(7) != null) {
            options = new ArrayList<>();
            for (String option : m.group(7).split(",")) {
                if (!option.isBlank()) {
                    options.add(option.trim());
                }
            }
        }
        return new SegmentText(
                flags,
                sequence,
                length,
                m.group(5) == null ? null : Long.valueOf(m.group(5)),
                m.group(6) == null ? null : Integer.valueOf(m.group(6)),
                options,
                m.group(8) == null ? 0 : 1);
    }

    private static int flag(char c) {
        return switch (c) {
            case 'F' -> Tcp.FIN;
            case 'S' -> Tcp.SYN;
            case 'R' -> Tcp.RST;
            case 'P' -> Tcp.PSH;
            case '.' -> Tcp.ACK;
            case 'U' -> Tcp.URG;
            case 'E' -> Tcp.ECE;
            case 'C' -> Tcp.CWR;
            default -> throw new IllegalArgumentException("flag " + c);
        };
    }

    static String flagsText(int flags) {
        StringBuilder text = new StringBuilder();
        for (char c : "FSRPUEC.".toCharArray()) {
            if ((flags & flag(c)) != 0) {
                text.append(c);
            }
        }
        return text.toString();
    }

    /** The options as bytes, padded with NOPs at the end. */
    static byte[] encode(List<String> options, int timestampBase, int sackBase) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String option : options) {
            String[] words = option.split("\\s+");
            switch (words[0]) {
                case "nop" -> out.write(TcpOptions.NO_OPERATION);
                case "eol" -> out.write(TcpOptions.END);
                case "mss" -> put(out, TcpOptions.MAXIMUM_SEGMENT_SIZE, 4, Integer.parseInt(words[1]), 2);
                case "wscale" -> put(out, TcpOptions.WINDOW_SCALE, 3, Integer.parseInt(words[1]), 1);
                case "sackOK" -> put(out, TcpOptions.SACK_PERMITTED, 2, 0, 0);
                case "TS" -> {
                    put(out, TcpOptions.TIMESTAMPS, 10, (int) Long.parseLong(words[1]), 4);
                    number(out, (int) Long.parseLong(words[2]) + (words[2].equals("0") ? 0 : timestampBase), 4);
                }
                case "sack" -> {
                    out.write(TcpOptions.SACK);
                    out.write(2 + 8 * (words.length - 1));
                    for (int i = 1; i < words.length; i++) {
                        String[] ends = words[i].split(":");
                        number(out, sackBase + (int) Long.parseLong(ends[0]), 4);
                        number(out, sackBase + (int) Long.parseLong(ends[1]), 4);
                    }
                }
                case "raw" -> {
                    for (int i = 0; i < words[1].length(); i += 2) {
                        out.write(Integer.parseInt(words[1].substring(i, i + 2), 16));
                    }
                }
                default -> throw new IllegalArgumentException("option " + option);
            }
        }
        while (out.size() % 4 != 0) {
            out.write(TcpOptions.NO_OPERATION);
        }
        return out.toByteArray();
    }

    private static void put(ByteArrayOutputStream out, int kind, int length, int value, int bytes) {
        out.write(kind);
        out.write(length);
        number(out, value, bytes);
    }

    private static void number(ByteArrayOutputStream out, int value, int bytes) {
        for (int i = bytes - 1; i >= 0; i--) {
            out.write(value >>> (8 * i));
        }
    }

    /** Options as they stand in a script, without NOPs. */
    static List<String> decode(byte[] options, int timestampBase, int sackBase) {
        List<String> text = new ArrayList<>();
        int at = 0;
        while (at < options.length) {
            int kind = options[at];
            if (kind == TcpOptions.END) {
                break;
            }
            if (kind == TcpOptions.NO_OPERATION) {
                at++;
                continue;
            }
            int length = options[at + 1];
            switch (kind) {
                case TcpOptions.MAXIMUM_SEGMENT_SIZE -> text.add("mss " + read(options, at + 2, 2));
                case TcpOptions.WINDOW_SCALE -> text.add("wscale " + read(options, at + 2, 1));
                case TcpOptions.SACK_PERMITTED -> text.add("sackOK");
                case TcpOptions.TIMESTAMPS ->
                    text.add("TS " + (read(options, at + 2, 4) - timestampBase) + " " + read(options, at + 6, 4));
                case TcpOptions.SACK -> {
                    StringBuilder blocks = new StringBuilder("sack");
                    for (int i = at + 2; i < at + length; i += 8) {
                        blocks.append(' ')
                                .append(read(options, i, 4) - sackBase)
                                .append(':')
                                .append(read(options, i + 4, 4) - sackBase);
                    }
                    text.add(blocks.toString());
                }
                default -> text.add("kind " + kind);
            }
            at += length;
        }
        return text;
    }

    static int read(byte[] bytes, int at, int count) {
        int value = 0;
        for (int i = 0; i < count; i++) {
            value = (value << 8) | (bytes[at + i] & 0xff);
        }
        return value;
    }

    /** Whether {@code actual} has these options; a word {@code *} matches any. */
    boolean optionsMatch(List<String> actual) {
        if (options == null) {
            return true;
        }
        List<String> expected =
                options.stream().filter(option -> !option.equals("nop")).toList();
        if (expected.size() != actual.size()) {
            return false;
        }
        for (int i = 0; i < expected.size(); i++) {
            String[] a = expected.get(i).split("\\s+");
            String[] b = actual.get(i).split("\\s+");
            if (a.length != b.length) {
                return false;
            }
            for (int word = 0; word < a.length; word++) {
                if (!a[word].equals("*") && !a[word].equals(b[word])) {
                    return false;
                }
            }
        }
        return true;
    }
}

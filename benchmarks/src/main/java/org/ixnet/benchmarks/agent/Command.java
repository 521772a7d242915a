package org.ixnet.benchmarks.agent;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line between orchestrator and agent: a word, then {@code key=value} pairs; no spaces inside a value.
 *
 * @param name what to do, or what happened
 * @param arguments in the order given
 */
public record Command(String name, Map<String, String> arguments) {
    /** What an agent puts before each line meant for the orchestrator; other lines of its stdout are log. */
    public static final String MARK = "@ix ";

    public Command {
        arguments = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
    }

    /** A command without arguments; add them by {@link #with}. */
    public static Command of(String name) {
        return new Command(name, Map.of());
    }

    /** Parses {@code name key=value ...}. */
    public static Command parse(String line) {
        String[] words = line.trim().split(" +");
        Map<String, String> arguments = new LinkedHashMap<>();
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("'" + words[i] + "' in '" + line + "' is not key=value");
            }
            arguments.put(words[i].substring(0, equals), words[i].substring(equals + 1));
        }
        return new Command(words[0], arguments);
    }

    /** This command with one more argument. */
    public Command with(String key, Object value) {
        Map<String, String> more = new LinkedHashMap<>(arguments);
        more.put(key, value.toString().replace(' ', '_'));
        return new Command(name, more);
    }

    public String text(String key) {
        @Nullable String value = arguments.get(key);
        if (value == null) {
            throw new IllegalArgumentException("'" + this + "' lacks " + key + "=");
        }
        return value;
    }

    public String text(String key, String otherwise) {
        return arguments.getOrDefault(key, otherwise);
    }

    public int integer(String key, int otherwise) {
        @Nullable String value = arguments.get(key);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    public double number(String key, double otherwise) {
        @Nullable String value = arguments.get(key);
        return value == null ? otherwise : Double.parseDouble(value);
    }

    /** This command without {@code key}. */
    public Command without(String key) {
        Map<String, String> fewer = new LinkedHashMap<>(arguments);
        fewer.remove(key);
        return new Command(name, fewer);
    }

    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(name);
        arguments.forEach(
                (key, value) -> line.append(' ').append(key).append('=').append(value));
        return line.toString();
    }
}

package org.ixnet.examples.memcached;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A conversation with a memcached, read from a resource; its format is told at the head of {@code text.script}. */
record Script(String name, List<Part> parts) {
    /** What is sent without a pause, what must come back, and how long to wait after that. */
    record Part(byte[] request, Pattern answer, String answerText, long thenSeconds) {
        boolean matches(byte[] actual) {
            return answer.matcher(new String(actual, StandardCharsets.ISO_8859_1))
                    .matches();
        }
    }

    static Script load(String name) throws IOException {
        List<Part> parts = new ArrayList<>();
        StringBuilder request = new StringBuilder();
        StringBuilder answer = new StringBuilder();
        try (InputStream in = Script.class.getResourceAsStream(name)) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (line.startsWith("@ ")) {
                    parts.add(part(request, answer, Long.parseLong(line.substring(2))));
                    request.setLength(0);
                    answer.setLength(0);
                } else if (line.startsWith(">")) {
                    request.append(payload(line));
                } else if (line.startsWith("<")) {
                    answer.append(payload(line));
                } else if (!line.startsWith("#") && !line.isBlank()) {
                    throw new IOException(name + " has a line that is neither: " + line);
                }
            }
        }
        parts.add(part(request, answer, 0));
        return new Script(name, parts);
    }

    private static Part part(StringBuilder request, StringBuilder answer, long thenSeconds) {
        StringBuilder regex = new StringBuilder();
        for (String literal : answer.toString().split("\\{n}", -1)) {
            regex.append(regex.isEmpty() ? "" : "\\d+").append(Pattern.quote(literal));
        }
        return new Part(
                request.toString().getBytes(StandardCharsets.ISO_8859_1),
                Pattern.compile(regex.toString(), Pattern.DOTALL),
                answer.toString(),
                thenSeconds);
    }

    private static String payload(String line) {
        if (line.startsWith("|", 1)) {
            return line.substring(2).replace("\\r", "\r").replace("\\n", "\n").replace("\\x00", "\0");
        }
        String text = line.length() > 1 ? line.substring(2) : "";
        return text.replace("{k250}", "k".repeat(250)).replace("{k251}", "k".repeat(251)) + "\r\n";
    }

    @Override
    public String toString() {
        return name;
    }
}

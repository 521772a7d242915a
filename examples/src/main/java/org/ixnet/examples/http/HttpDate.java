package org.ixnet.examples.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The Date header (RFC 9110 section 5.6.7), formatted once a second; any thread. */
final class HttpDate {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static volatile HttpDate latest = new HttpDate(0);

    private final long second;
    private final String text;

    private HttpDate(long second) {
        this.second = second;
        this.text = FORMAT.format(Instant.ofEpochSecond(second));
    }

    static String now() {
        long second = System.currentTimeMillis() / 1000;
        HttpDate date = latest;
        if (date.second != second) {
            // Two threads may both format; each result is right.
            date = new HttpDate(second);
            latest = date;
        }
        return date.text;
    }
}

package org.ixnet.examples.memcached;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The commands of the text protocol. */
enum TextCommand {
    GET,
    GETS,
    GAT,
    GATS,
    SET,
    ADD,
    REPLACE,
    APPEND,
    PREPEND,
    CAS,
    DELETE,
    INCR,
    DECR,
    TOUCH,
    FLUSH_ALL,
    VERBOSITY,
    VERSION,
    STATS,
    QUIT,
    MG,
    MS,
    MD,
    MA,
    ME,
    MN;

    private static final TextCommand[][] BY_LENGTH = byLength();

    private final byte[] word = Ascii.bytes(name().toLowerCase(Locale.ROOT));

    /** Returns the command that the token spells, if any; command names are lower-case. */
    static @Nullable TextCommand of(Tokens tokens, int token) {
        int length = tokens.length(token);
        if (length < BY_LENGTH.length) {
            for (TextCommand command : BY_LENGTH[length]) {
                if (tokens.is(token, command.word)) {
                    return command;
                }
            }
        }
        return null;
    }

    private static TextCommand[][] byLength() {
        TextCommand[][] table = new TextCommand[FLUSH_ALL.word.length + 1][];
        for (int length = 0; length < table.length; length++) {
            int wanted = length;
            table[length] = Arrays.stream(values())
                    .filter(command -> command.word.length == wanted)
                    .toArray(TextCommand[]::new);
        }
        return table;
    }
}

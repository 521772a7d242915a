package org.ixnet.netty;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Fewer of the combinations of parameters of a test of Netty's suite, where all of them take minutes and differ in what has nothing to do with
 * the transport. With {@code -Dix.testsuite.all=true} ({@code ./ix test --all netty}) none is left out.
 */
public final class Combinations {
    private static final boolean ALL = Boolean.getBoolean("ix.testsuite.all");

    private Combinations() {}

    /** All of {@code rows}, or as many as are needed for any three values that meet in one of them to meet. */
    public static List<Object[]> wanted(List<Object[]> rows) {
        return ALL ? rows : coveringTriples(rows);
    }

    /** Takes the row with the most triples that no other has had so far, again and again; the first of several. */
    static List<Object[]> coveringTriples(List<Object[]> rows) {
        List<Set<List<Object>>> triples =
                rows.stream().map(Combinations::triples).toList();
        Set<List<Object>> met = new HashSet<>();
        List<Object[]> chosen = new ArrayList<>();
        while (true) {
            int best = -1;
            long mostNew = 0;
            for (int row = 0; row < rows.size(); row++) {
                long unmet = triples.get(row).stream()
                        .filter(triple -> !met.contains(triple))
                        .count();
                if (unmet > mostNew) {
                    best = row;
                    mostNew = unmet;
                }
            }
            if (best < 0) {
                return chosen;
            }
            met.addAll(triples.get(best));
            chosen.add(rows.get(best));
        }
    }

    private static Set<List<Object>> triples(Object[] row) {
        Set<List<Object>> triples = new HashSet<>();
        for (int i = 0; i < row.length; i++) {
            for (int j = i + 1; j < row.length; j++) {
                for (int k = j + 1; k < row.length; k++) {
                    triples.add(List.of(i, row[i], j, row[j], k, row[k]));
                }
            }
        }
        return triples;
    }
}

package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CombinationsTest {
    @Test
    void anyThreeValuesThatMeetStillMeetInFarFewerRows() {
        List<Object[]> all = new ArrayList<>();
        for (int bits = 0; bits < 256; bits++) {
            Object[] row = new Object[8];
            for (int place = 0; place < row.length; place++) {
                row[place] = (bits >>> place & 1) == 1;
            }
            all.add(row);
        }

        List<Object[]> chosen = Combinations.coveringTriples(all);

        assertThat(all).containsAll(chosen);
        assertThat(chosen).hasSizeBetween(8, 32);
        assertThat(triples(chosen)).isEqualTo(triples(all));
    }

    @Test
    void whatIsInOneRowOnlyKeepsItsRow() {
        Object[] common = {"a", 1, true};
        Object[] rare = {"a", 2, true};

        assertThat(Combinations.coveringTriples(List.of(common, common, rare))).containsExactly(common, rare);
        assertThat(Combinations.coveringTriples(List.of())).isEmpty();
    }

    private static Set<List<Object>> triples(List<Object[]> rows) {
        Set<List<Object>> triples = new HashSet<>();
        for (Object[] row : rows) {
            for (int i = 2; i < row.length; i++) {
                for (int j = 1; j < i; j++) {
                    for (int k = 0; k < j; k++) {
                        triples.add(List.of(i, j, k, row[i], row[j], row[k]));
                    }
                }
            }
        }
        return triples;
    }
}

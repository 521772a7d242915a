package org.ixnet.stack.util;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyedHashTest {
    private final KeyedHash hash = new KeyedHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

    @Test
    void agreesWithTheVectorsOfTheSipHashPaper() {
        long first = 0x0706050403020100L;
        long second = 0x0f0e0d0c0b0a0908L;
        assertThat(hash.hash(first)).isEqualTo(0x93f5f5799a932462L);
        assertThat(hash.hash(first, second)).isEqualTo(0x3f2acc7f57c29bdbL);
    }

    @Test
    void everyWordAndTheKeyCount() {
        long base = hash.hash(1, 2, 3, 4, 5);
        assertThat(hash.hash(0, 2, 3, 4, 5)).isNotEqualTo(base);
        assertThat(hash.hash(1, 0, 3, 4, 5)).isNotEqualTo(base);
        assertThat(hash.hash(1, 2, 0, 4, 5)).isNotEqualTo(base);
        assertThat(hash.hash(1, 2, 3, 0, 5)).isNotEqualTo(base);
        assertThat(hash.hash(1, 2, 3, 4, 0)).isNotEqualTo(base);
        assertThat(new KeyedHash(1, 2).hash(1, 2, 3, 4, 5)).isNotEqualTo(base);
        assertThat(hash.hash(0, 0)).isNotEqualTo(hash.hash(0));
    }
}

package org.ixnet.stack.util;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SeqTest {
    private static final int TOP = 0xffff_fff0;

    @Test
    void comparesAcrossTheWrap() {
        int behind = TOP;
        int ahead = TOP + 0x20;
        assertThat(Seq.lt(behind, ahead)).isTrue();
        assertThat(Seq.le(behind, ahead)).isTrue();
        assertThat(Seq.gt(ahead, behind)).isTrue();
        assertThat(Seq.ge(ahead, behind)).isTrue();
        assertThat(Seq.lt(ahead, behind)).isFalse();
        assertThat(Seq.gt(behind, ahead)).isFalse();
    }

    @Test
    void equalNumbersAreNeitherLessNorGreater() {
        assertThat(Seq.lt(TOP, TOP)).isFalse();
        assertThat(Seq.gt(TOP, TOP)).isFalse();
        assertThat(Seq.le(TOP, TOP)).isTrue();
        assertThat(Seq.ge(TOP, TOP)).isTrue();
    }

    @Test
    void comparesUpToHalfTheCircle() {
        for (int a : new int[] {0, 1, TOP, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThat(Seq.lt(a, a + Integer.MAX_VALUE)).isTrue();
            assertThat(Seq.gt(a, a - Integer.MAX_VALUE)).isTrue();
        }
    }

    @Test
    void maxMinAndDiffFollowTheCircle() {
        assertThat(Seq.max(TOP, 5)).isEqualTo(5);
        assertThat(Seq.min(TOP, 5)).isEqualTo(TOP);
        assertThat(Seq.diff(5, TOP)).isEqualTo(21);
        assertThat(Seq.diff(TOP, 5)).isEqualTo(-21);
    }

    @Test
    void windowHoldsItsLeftEdgeAndNotItsRight() {
        assertThat(Seq.inWindow(TOP, TOP, 0x20)).isTrue();
        assertThat(Seq.inWindow(TOP + 0x1f, TOP, 0x20)).isTrue();
        assertThat(Seq.inWindow(TOP + 0x20, TOP, 0x20)).isFalse();
        assertThat(Seq.inWindow(TOP - 1, TOP, 0x20)).isFalse();
        assertThat(Seq.inWindow(TOP, TOP, 0)).isFalse();
    }
}

package org.ixnet.benchmarks.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import org.ixnet.benchmarks.report.Phase;
import org.junit.jupiter.api.Test;

class PhasesTest {
    private final Phases<String> phases = new Phases<>();

    private void turns(String who, Phase... those) {
        for (Phase phase : those) {
            phases.add(who, phase);
        }
    }

    @Test
    void thePhaseThatMostHaveSeenWinsOverThatOfMostTurns() {
        turns("a", Phase.NEAR, Phase.NEAR, Phase.NEAR, Phase.NEAR);
        turns("b", Phase.NEAR, Phase.FAR, Phase.FAR);
        turns("c", Phase.FAR, Phase.CHANGING);
        turns("d", Phase.FAR);
        assertThat(phases.common()).isEqualTo(Phase.FAR);
        assertThat(phases.count("b", Phase.FAR)).isEqualTo(2);
        assertThat(phases.count("a", Phase.FAR)).isZero();
        assertThat(phases.text(who -> who))
                .isEqualTo(
                        "turns: 5 NEAR, 4 FAR, 1 CHANGING; figures are of those that are FAR, but for a, which had none");
    }

    @Test
    void whoHasNoMoreThanHalfOfItsTurnsInAPhaseLacksSome() {
        turns("two of five", Phase.FAR, Phase.NEAR, Phase.NEAR, Phase.FAR, Phase.CHANGING);
        turns("three of five", Phase.FAR, Phase.NEAR, Phase.NEAR, Phase.FAR, Phase.FAR);
        assertThat(phases.lacks("two of five", Phase.FAR, 5)).isTrue();
        assertThat(phases.lacks("three of five", Phase.FAR, 5)).isFalse();
        assertThat(phases.lacks("two of five", Phase.FAR, 4)).isTrue();
        assertThat(phases.lacks("two of five", Phase.FAR, 3)).isFalse();
        assertThat(phases.lacks("none", Phase.FAR, 5)).isTrue();
    }

    @Test
    void ofEquallySpreadPhasesTheOneWithMoreTurnsWins() {
        turns("a", Phase.FAR, Phase.NEAR, Phase.NEAR);
        turns("b", Phase.FAR, Phase.NEAR, Phase.NEAR);
        assertThat(phases.common()).isEqualTo(Phase.NEAR);
    }

    @Test
    void aTurnThatSawBothIsNeverTheOneToCompareIn() {
        turns("a", Phase.CHANGING, Phase.CHANGING, Phase.NEAR);
        assertThat(phases.common()).isEqualTo(Phase.NEAR);
    }

    @Test
    void aTurnIsNearOrFarOnlyWhenBothItsEndsAre() {
        assertThat(Phase.of(80, 110)).isEqualTo(Phase.NEAR);
        assertThat(Phase.of(380, 470)).isEqualTo(Phase.FAR);
        assertThat(Phase.of(80, 380)).isEqualTo(Phase.CHANGING);
        assertThat(Phase.of(Double.NaN, Double.NaN)).isEqualTo(Phase.UNKNOWN);
    }
}

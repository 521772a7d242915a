package org.ixnet.benchmarks.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CacheProfileTest {
    @Test
    void etcSizesStayInTheirBoundsAndAreSpreadAsStated() {
        SplittableRandom random = new SplittableRandom(1);
        double keys = 0;
        double values = 0;
        int draws = 20_000;
        for (int i = 0; i < draws; i++) {
            int key = CacheProfile.ETC.keyBytes(random);
            int value = CacheProfile.ETC.valueBytes(random);
            assertThat(key).isBetween(20, 70);
            assertThat(value).isBetween(1, 1024);
            keys += key;
            values += value;
        }
        // Means of the unclipped distributions: 36 B and 329 B; clipping moves them a little.
        assertThat(keys / draws).isBetween(33.0, 39.0);
        assertThat(values / draws).isBetween(220.0, 320.0);
    }

    @Test
    void usrIsSmall() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            assertThat(CacheProfile.USR.keyBytes(random)).isLessThan(20);
            assertThat(CacheProfile.USR.valueBytes(random)).isEqualTo(2);
        }
    }

    @Test
    void firstSetsEveryRecordThenKeepsTheGetRatio() {
        CacheWorkload workload = new CacheWorkload(UnpooledByteBufAllocator.DEFAULT, CacheProfile.ETC, 1);
        for (int record = 0; record < CacheProfile.RECORDS; record++) {
            assertThat(text(workload.encode(workload.next())))
                    .startsWith("set ")
                    .endsWith("\r\n");
        }
        int gets = 0;
        for (int i = 0; i < 10_000; i++) {
            int request = workload.next();
            if (text(workload.encode(request)).startsWith("get ")) {
                gets++;
                assertThat(workload.responseFirstByte(request)).isEqualTo('V');
            } else {
                assertThat(workload.responseBytes(request)).isEqualTo(8);
            }
        }
        assertThat(gets).isBetween(7300, 7700);
        workload.release();
    }

    @Test
    void knowsTheLengthOfEachAnswer() {
        CacheWorkload workload = new CacheWorkload(UnpooledByteBufAllocator.DEFAULT, CacheProfile.USR, 1);
        String set = text(workload.encode(1));
        String[] words = set.split("[ \r\n]+");
        String answer = "VALUE " + words[1] + " 0 2\r\nvv\r\nEND\r\n";
        assertThat(words[4]).isEqualTo("2");
        assertThat(workload.responseBytes(0)).isEqualTo(answer.length());
        workload.release();
    }

    private static String text(ByteBuf request) {
        String text = request.toString(StandardCharsets.US_ASCII);
        request.release();
        return text;
    }
}

package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LateTasksTest {
    private final LateTasks late = new LateTasks();
    private final List<String> ran = new ArrayList<>();

    @Test
    void tasksWaitForTheEndAndThenRunAtOnce() {
        late.execute(() -> ran.add("one"));
        assertThat(ran).isEmpty();
        late.begin();
        assertThat(ran).containsExactly("one");
        late.execute(() -> ran.add("two"));
        assertThat(ran).containsExactly("one", "two");
    }

    @Test
    void whatATaskAddsRunsAfterIt() {
        late.begin();
        late.execute(() -> {
            late.execute(() -> ran.add("inner " + late.inTask()));
            ran.add("outer " + late.inTask());
        });
        assertThat(ran).containsExactly("outer true", "inner true");
        assertThat(late.inTask()).isFalse();
    }

    @Test
    void aTaskThatFailsKeepsNoOther() {
        late.begin();
        late.execute(() -> {
            late.execute(() -> ran.add("next"));
            throw new IllegalStateException("on purpose");
        });
        assertThat(ran).containsExactly("next");
    }

    @Test
    void tasksOfSeveralThreadsRunOneAtATime() throws Exception {
        int threads = 4;
        int tasks = 1000;
        int[] count = new int[1];
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                for (int task = 0; task < tasks; task++) {
                    late.execute(() -> count[0]++);
                }
            });
            thread.start();
            all.add(thread);
        }
        go.countDown();
        late.begin();
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(count[0]).isEqualTo(threads * tasks);
    }
}

package dev.sallyport.kms.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FailureSamplerTest {
    @Test
    void letsABurstThroughThenOneAnInterval() {
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L); // wraps on the way
        FailureSampler sampler = new FailureSampler(3, Duration.ofSeconds(10), nanos::get);
        List<Long> lines = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            sampler.failed(lines::add);
        }
        assertThat(lines).containsExactly(0L, 0L, 0L);
        nanos.addAndGet(10_000_000_000L);
        sampler.failed(lines::add);
        sampler.failed(lines::add);
        assertThat(lines).containsExactly(0L, 0L, 0L, 97L);
        nanos.addAndGet(3_600_000_000_000L);
        for (int i = 0; i < 10; i++) {
            sampler.failed(lines::add);
        }
        assertThat(lines).containsExactly(0L, 0L, 0L, 97L, 1L, 0L, 0L);
        assertThat(sampler.total()).isEqualTo(112);
    }
}

package dev.sallyport.volume.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final StringWriter text = new StringWriter();
    private long now = 42;

    private ProgressLine line(boolean terminal) {
        return new ProgressLine(new PrintWriter(text, true), terminal, () -> now);
    }

    @Test
    void printsLinesWhereThereIsNoTerminal() {
        ProgressLine line = line(false);
        line.begin("copying", 1L << 30, 4L << 30);
        now += TimeUnit.SECONDS.toNanos(1);
        line.reached(1100L << 20);
        assertThat(text).hasToString("going on at 1.0 GiB of 4.0 GiB\n");
        now += TimeUnit.SECONDS.toNanos(9);
        line.reached(2L << 30);
        assertThat(text.toString()).endsWith("\ncopying 2.0 GiB of 4.0 GiB (50%), 102.4 MiB/s, 20 s left\n");
        line.end();
        assertThat(text.toString()).endsWith("left\n");
    }

    @Test
    void drawsABarOnATerminal() {
        ProgressLine line = line(true);
        line.begin("comparing", 0, 1000);
        now += TimeUnit.SECONDS.toNanos(1);
        line.reached(500);
        assertThat(text)
                .hasToString("\r[############            ] comparing 500 B of 1000 B (50%), 500 B/s, 1 s left\u001b[K");
        line.reached(1000);
        line.end();
        assertThat(text.toString()).endsWith("(100%), 1000 B/s\u001b[K\n");
    }

    @Test
    void namesUnitsOfBytes() {
        assertThat(ProgressLine.bytes(0)).isEqualTo("0 B");
        assertThat(ProgressLine.bytes(1023)).isEqualTo("1023 B");
        assertThat(ProgressLine.bytes(1024)).isEqualTo("1.0 KiB");
        assertThat(ProgressLine.bytes(Long.MAX_VALUE)).isEqualTo("8.0 EiB");
    }
}

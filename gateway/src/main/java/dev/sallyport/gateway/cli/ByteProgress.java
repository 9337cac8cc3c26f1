package dev.sallyport.gateway.cli;

import java.io.Console;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Shows how much of a stream has been read, how fast, and how long the rest takes: a bar on a terminal, else a line now and then. */
final class ByteProgress {
    private static final long BAR_INTERVAL = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long LINE_INTERVAL = TimeUnit.SECONDS.toNanos(5);
    private static final int WIDTH = 24;

    private final PrintWriter out;
    private final String what;
    private final boolean terminal;
    private final LongSupplier clock;
    private final long size;
    private final long begun;
    private long done;
    private long shown;

    /**
     * @param size bytes to come; −1 when that is not known
     * @param terminal whether a line can be written over
     * @param clock in nanoseconds
     */
    ByteProgress(PrintWriter out, String what, long size, boolean terminal, LongSupplier clock) {
        this.out = out;
        this.what = what;
        this.size = size;
        this.terminal = terminal;
        this.clock = clock;
        begun = clock.getAsLong();
        shown = begun;
    }

    // Null where streams are redirected and the JDK's plain console is the one in use, whatever the check says.
    @SuppressWarnings("SystemConsoleNull")
    static boolean onTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** The same stream, watched. */
    InputStream watch(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                int read = super.read();
                if (read >= 0) {
                    read(1);
                }
                return read;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int count = super.read(into, offset, length);
                if (count > 0) {
                    ByteProgress.this.read(count);
                }
                return count;
            }

            private void read(int count) {
                ByteProgress.this.read(count);
            }
        };
    }

    private void read(int count) {
        done += count;
        long now = clock.getAsLong();
        if (now - shown >= (terminal ? BAR_INTERVAL : LINE_INTERVAL)) {
            shown = now;
            show(now);
        }
    }

    /** The last bar; lines are shown only for what takes long. */
    void end() {
        if (terminal) {
            show(clock.getAsLong());
            out.println();
            out.flush();
        }
    }

    private void show(long now) {
        double rate = done / Math.max(1e-3, (now - begun) / 1e9);
        String speed = bytes((long) rate) + "/s";
        if (size < 0) {
            print("", what + " " + bytes(done) + ", " + speed);
            return;
        }
        double share = size == 0 ? 1 : Math.min(1, (double) done / size);
        int full = (int) (share * WIDTH);
        print(
                "[" + "#".repeat(full) + " ".repeat(WIDTH - full) + "] ",
                what + " " + bytes(done) + " of " + bytes(size) + " (" + (int) (share * 100) + "%), " + speed
                        + (rate > 0 && done < size
                                ? ", " + time((long) Math.ceil((size - done) / rate)) + " left"
                                : ""));
    }

    private void print(String bar, String text) {
        if (terminal) {
            out.print("\r" + bar + text + "\u001b[K");
        } else {
            out.println(text);
        }
        out.flush();
    }

    /** Bytes for people, in powers of 1,024. */
    static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        return String.format(Locale.ROOT, "%.1f %ciB", bytes / (double) (1L << (10 * unit)), "KMGTPE".charAt(unit - 1));
    }

    private static String time(long seconds) {
        return seconds < 60
                ? seconds + " s"
                : seconds < 3600
                        ? seconds / 60 + " min " + seconds % 60 + " s"
                        : seconds / 3600 + " h " + seconds / 60 % 60 + " min";
    }
}

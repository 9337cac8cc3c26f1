package dev.sallyport.volume.cli;

import dev.sallyport.volume.transfer.Progress;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Shows how far a copy has come: a bar on a terminal, else a line now and then. */
final class ProgressLine implements Progress {
    private static final long BAR_INTERVAL = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long LINE_INTERVAL = TimeUnit.SECONDS.toNanos(5);
    private static final int WIDTH = 24;

    private final PrintWriter out;
    private final boolean terminal;
    private final LongSupplier clock;

    private String what = "";
    private long size;
    private long before;
    private long done;
    private long begun;
    private long shown;

    /**
     * @param terminal whether a line can be written over
     * @param clock in nanoseconds
     */
    ProgressLine(PrintWriter out, boolean terminal, LongSupplier clock) {
        this.out = out;
        this.terminal = terminal;
        this.clock = clock;
    }

    @Override
    public void begin(String what, long done, long size) {
        this.what = what;
        this.size = size;
        this.before = done;
        this.done = done;
        begun = clock.getAsLong();
        shown = begun;
        if (done > 0) {
            out.println("going on at " + bytes(done) + " of " + bytes(size));
        }
    }

    @Override
    public void reached(long done) {
        this.done = done;
        long now = clock.getAsLong();
        if (now - shown >= (terminal ? BAR_INTERVAL : LINE_INTERVAL)) {
            shown = now;
            show(now);
        }
    }

    @Override
    public void end() {
        if (terminal) {
            show(clock.getAsLong());
            out.println();
            out.flush();
        }
    }

    private void show(long now) {
        double share = size == 0 ? 1 : Math.min(1, (double) done / size);
        double rate = (done - before) / Math.max(1e-3, (now - begun) / 1e9);
        String text = what + " " + bytes(done) + " of " + bytes(size) + " (" + (int) (share * 100) + "%), "
                + bytes((long) rate) + "/s"
                + (rate > 0 && done < size ? ", " + time((long) Math.ceil((size - done) / rate)) + " left" : "");
        if (terminal) {
            int full = (int) (share * WIDTH);
            out.print("\r[" + "#".repeat(full) + " ".repeat(WIDTH - full) + "] " + text + "\u001b[K");
            out.flush();
        } else {
            out.println(text);
        }
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

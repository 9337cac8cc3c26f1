package dev.sallyport.volume.transfer;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Copies all of a source to a target, then compares the two. */
public final class Copy {
    /** Bytes that are read and written at once. */
    static final int PIECE = 1 << 20;

    /** What an interruption costs at the most. */
    private static final long CHECKPOINT = 256L << 20;

    private final Source source;
    private final Target target;
    private final @Nullable Journal journal;
    private final Progress progress;
    private final byte[] buffer = new byte[PIECE];
    private final byte[] compared = new byte[PIECE];
    private String identity = "";
    private long done;

    /**
     * @param target of at least the source's size
     * @param journal written as the copy comes along; null for one that cannot be resumed
     */
    public Copy(Source source, Target target, @Nullable Journal journal, Progress progress) {
        this.source = source;
        this.target = target;
        this.journal = journal;
        this.progress = progress;
    }

    /**
     * Copies, from where the journal says that an earlier run came to.
     *
     * @throws TransferException when that cannot be gone on with
     */
    public void run() throws IOException {
        done = resume();
        identity = source.identity();
        progress.begin("copying", done, source.size());
        try {
            long saved = done;
            while (done < source.size()) {
                piece(Math.min(source.size() - done, saved + CHECKPOINT - done));
                progress.reached(done);
                if (done - saved >= CHECKPOINT) {
                    checkpoint();
                    saved = done;
                }
            }
            checkpoint();
        } catch (IOException e) {
            saveAfter(e);
            throw e;
        }
        progress.end();
    }

    private void piece(long limit) throws IOException {
        Source.Run run = source.run(done, limit);
        if (run.hole()) {
            target.hole(done, run.length());
            done += run.length();
        } else {
            int length = (int) Math.min(run.length(), PIECE);
            source.read(done, buffer, length);
            target.write(done, buffer, length);
            done += length;
        }
    }

    private void checkpoint() throws IOException {
        target.flush();
        if (journal != null) {
            journal.write(new Journal.Entry(identity, source.size(), done));
        }
    }

    /** Keeps what was done before something went wrong, if the target still can. */
    private void saveAfter(IOException cause) {
        try {
            checkpoint();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private long resume() throws IOException {
        if (journal == null) {
            return 0;
        }
        var entry = journal.read();
        if (entry.isEmpty()) {
            return 0;
        }
        if (!entry.get().source().equals(source.identity()) || entry.get().size() != source.size()) {
            throw new TransferException(
                    "the source is not the one that an interrupted copy began with, or has changed since: it was "
                            + entry.get().source() + "; start over with --restart");
        }
        long reached = entry.get().done();
        if (differs(Math.max(0, reached - PIECE), reached, Progress.NONE) >= 0) {
            throw new TransferException(
                    "what an interrupted copy has written differs from the source; start over with" + " --restart");
        }
        return reached;
    }

    /**
     * Reads both and compares them.
     *
     * @throws TransferException when they differ
     */
    public void verify() throws IOException {
        progress.begin("comparing", 0, source.size());
        long different = differs(0, source.size(), progress);
        progress.end();
        if (different >= 0) {
            throw new TransferException("the copy differs from the source at byte " + different
                    + ": the source was changed while it was copied, or a disk is broken; start over with --restart");
        }
    }

    /** Where the two differ first; -1 where they do not. */
    private long differs(long from, long to, Progress shown) throws IOException {
        for (long at = from; at < to; ) {
            Source.Run run = source.run(at, Math.min(to - at, PIECE));
            int length = (int) run.length();
            if (run.hole()) {
                Arrays.fill(buffer, 0, length, (byte) 0);
            } else {
                source.read(at, buffer, length);
            }
            target.read(at, compared, length);
            int mismatch = Arrays.mismatch(buffer, 0, length, compared, 0, length);
            if (mismatch >= 0) {
                return at + mismatch;
            }
            at += length;
            shown.reached(at);
        }
        return -1;
    }
}

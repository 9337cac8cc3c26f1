package dev.sallyport.gateway.cli;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code encrypt} and {@code decrypt} read, and where they write. */
final class EnvelopeFiles {
    /** What the names of envelopes end in. */
    static final String SUFFIX = ".spe";

    private static final String STREAM = "-";

    @Parameters(paramLabel = "FILE", description = "The file to read, or - for the standard input.")
    private String from = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "Where to write, mode 0600, or - for the standard output (the default for the standard input)."
                            + " Else FILE" + SUFFIX + " for an envelope, and FILE without it for what was in one.")
    private @Nullable String to;

    @Option(names = "--force", description = "Replace the file that is there.")
    private boolean force;

    @Option(names = "--no-progress", description = "Show no progress.")
    private boolean quiet;

    /** What is done with the bytes between. */
    @FunctionalInterface
    interface Step {
        void run(InputStream in, OutputStream out) throws IOException;
    }

    /**
     * Runs {@code step} between the two; a target file gets its name when it has returned.
     *
     * @return where it went; null for the standard output
     * @throws IncompleteException when the standard output has got a part of it
     */
    @Nullable Path run(String what, String target, PrintWriter err, Step step) throws IOException {
        String chosen = to == null ? target : to;
        ByteProgress progress;
        try (InputStream in = input()) {
            progress = new ByteProgress(
                    err,
                    what,
                    from.equals(STREAM) ? -1 : Files.size(Path.of(from)),
                    ByteProgress.onTerminal(),
                    System::nanoTime);
            InputStream watched = quiet ? in : progress.watch(in);
            if (chosen.equals(STREAM)) {
                try (CountingOutput out = new CountingOutput(new FileOutputStream(FileDescriptor.out))) {
                    step(step, watched, out);
                }
            } else {
                Path path = Path.of(chosen);
                try (TargetFile file = TargetFile.create(path, force)) {
                    step.run(watched, file.stream());
                    file.publish();
                }
                if (!quiet) {
                    progress.end();
                }
                return path;
            }
        }
        if (!quiet) {
            progress.end();
        }
        return null;
    }

    private static void step(Step step, InputStream in, CountingOutput out) throws IOException {
        try {
            step.run(in, out);
            out.flush();
        } catch (IOException e) {
            throw out.written ? new IncompleteException(e) : e;
        }
    }

    /** The target of an envelope to make. */
    String envelopeName() {
        return from.equals(STREAM) ? STREAM : from + SUFFIX;
    }

    /** The target of what is in an envelope. */
    String contentName() {
        if (from.equals(STREAM)) {
            return STREAM;
        }
        Path path = Path.of(from);
        if (from.endsWith(SUFFIX) && !String.valueOf(path.getFileName()).equals(SUFFIX)) {
            return from.substring(0, from.length() - SUFFIX.length());
        }
        if (to == null) {
            throw new CommandFailedException(
                    ExitCode.USAGE, "name the file to make with --output: " + from + " does not end in " + SUFFIX);
        }
        return to;
    }

    boolean toTerminal() {
        return ByteProgress.onTerminal() && (to == null ? from.equals(STREAM) : to.equals(STREAM));
    }

    private InputStream input() throws IOException {
        return open(from);
    }

    /** A file, or the standard input, which stays open. */
    static InputStream open(String name) throws IOException {
        if (name.equals(STREAM)) {
            return new BufferedInputStream(new FileInputStream(FileDescriptor.in));
        }
        try {
            Path path = Path.of(name);
            if (Files.isDirectory(path)) {
                throw new CommandFailedException(ExitCode.FAILED, name + " is a directory");
            }
            return Files.newInputStream(path);
        } catch (NoSuchFileException e) {
            throw new CommandFailedException(ExitCode.FAILED, "there is no file " + name);
        } catch (AccessDeniedException e) {
            throw new CommandFailedException(ExitCode.FAILED, "the file " + name + " may not be read");
        }
    }

    /** A failure after bytes have left that cannot be taken back. */
    static final class IncompleteException extends IOException {
        private static final long serialVersionUID = 1L;

        IncompleteException(IOException cause) {
            super(cause.getMessage() + "; the output is incomplete: do not use it", cause);
        }
    }

    private static final class CountingOutput extends OutputStream {
        private final OutputStream out;
        private boolean written;

        CountingOutput(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            written = true;
            out.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            written = true;
            out.write(bytes, offset, length);
        }
    }
}

package dev.sallyport.examples.quickstart;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The volume agent in a process of its own, serving one image. */
final class VolumeProcess implements AutoCloseable {
    private static final Duration ATTACHED_WITHIN = Duration.ofSeconds(60);
    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(40);
    private static final Pattern ATTACHED = Pattern.compile("^attached .*: (nbd://\\S+)$", Pattern.MULTILINE);

    private final Process process;
    private final Path image;
    private final URI uri;

    private VolumeProcess(Process process, Path image, URI uri) {
        this.process = process;
        this.image = image;
        this.uri = uri;
    }

    /**
     * Makes an image under a key of a gateway's KMS and attaches it on a free loopback port. Comes back once it serves.
     *
     * @param launcher of {@code sallyport-volume}, with the credentials for {@code kms} in its environment
     * @param image the file to make
     * @param size such as {@code 64M}
     */
    static VolumeProcess start(Launcher launcher, Path image, String size, String keyArn, URI kms)
            throws IOException, InterruptedException {
        launcher.run("create", image.toString(), "--size", size, "--key", keyArn, "--kms-endpoint", kms.toString());
        Process process =
                launcher.start("attach", image.toString(), "--listen", "127.0.0.1:0", "--kms-endpoint", kms.toString());
        try {
            return new VolumeProcess(process, image, awaitUri(launcher, process));
        } catch (IOException | InterruptedException | RuntimeException e) {
            stop(process);
            throw e;
        }
    }

    private static URI awaitUri(Launcher launcher, Process process) throws IOException, InterruptedException {
        long end = System.nanoTime() + ATTACHED_WITHIN.toNanos();
        while (System.nanoTime() - end < 0) {
            // asked first, so that the last lines of a process that ended are read too
            boolean alive = process.isAlive();
            Matcher attached = ATTACHED.matcher(Files.readString(launcher.log()));
            if (attached.find()) {
                return URI.create(attached.group(1));
            }
            if (!alive) {
                throw new QuickstartException(
                        "the volume agent ended: " + launcher.lastLine() + " (see " + launcher.log() + ")");
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new QuickstartException(
                "the volume is not attached within " + ATTACHED_WITHIN.toSeconds() + " s; see " + launcher.log());
    }

    Path image() {
        return image;
    }

    /** Where NBD clients find it. */
    URI uri() {
        return uri;
    }

    /** Done when the agent ends. */
    CompletableFuture<Process> onExit() {
        return process.onExit();
    }

    @Override
    public void close() {
        stop(process);
    }

    private static void stop(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(STOPPED_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

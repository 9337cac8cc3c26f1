package dev.sallyport.volume.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A real Linux kernel in QEMU, which reaches this host's loopback as 10.0.2.2. */
public final class Guest {
    private static final Path HARNESS = Path.of("src/test/guest/linux-guest").toAbsolutePath();
    private static final int MISSING = 77;

    private Guest() {}

    /**
     * Runs a script of busybox's shell, each command of which must succeed; what it printed. Skips the test where the kernel
     * cannot be had, or fails it where it is required.
     *
     * @param work a directory for the script
     */
    public static String run(Path work, String script) throws IOException, InterruptedException {
        Path file = Files.createTempFile(work, "guest", ".sh");
        Files.writeString(file, "set -ex\n" + script + "echo GUEST-OK\n");
        Programs.Result result = Programs.run("bash", HARNESS, file);
        if (result.code() == MISSING && !Boolean.parseBoolean(System.getenv("SALLYPORT_REQUIRE_CLIENTS"))) {
            Assumptions.abort(
                    "no kernel to mount volumes in: " + result.output().strip());
        }
        assertThat(result.code()).as(result.output()).isZero();
        return result.output();
    }
}

package dev.sallyport.volume.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.volume.testing.AgentProcess;
import dev.sallyport.volume.testing.Programs;
import dev.sallyport.volume.testing.TestKms;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The volume key leaves by a pipe, and by nothing else. */
class ExportKeyCommandIT {
    @TempDir
    private Path directory;

    private TestKms kms;
    private Path image;

    @BeforeEach
    void make() throws IOException {
        kms = new TestKms();
        image = directory.resolve("disk.img");
        new Commands(kms).succeed("create", image, "--size", "1M", "--key", kms.newKey());
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    private List<String> command() {
        return AgentProcess.java("dev.sallyport.volume.Main", "export-key", image, "--kms-endpoint", kms.endpoint());
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(kms.environment());
        return builder;
    }

    @Test
    void writesTheKeyIntoAPipe() throws Exception {
        Process process = builder(command()).start();
        byte[] key = process.getInputStream().readAllBytes();
        String errors = new String(process.getErrorStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(errors).isZero();
        assertThat(key).isEqualTo(Arrays.copyOf(kms.secrets().getFirst(), 64));
        assertThat(errors).isEmpty();
    }

    @Test
    void givesItToCryptsetup() throws Exception {
        Programs.require("cryptsetup", "sh");
        Process process = builder(command()).start();
        Path key =
                Files.write(directory.resolve("key"), process.getInputStream().readAllBytes());
        Path passphrase = Files.writeString(directory.resolve("passphrase"), "p");
        Programs.succeed("cryptsetup", "open", "--test-passphrase", "--volume-key-file", key, "--key-size", 512, image);
        // adds a keyslot, which takes the right volume key
        Programs.succeed(
                "cryptsetup",
                "luksAddKey",
                "--batch-mode",
                "--volume-key-file",
                key,
                "--key-size",
                512,
                "--pbkdf",
                "pbkdf2",
                "--pbkdf-force-iterations",
                1000,
                "--new-keyfile",
                passphrase,
                image);
        Programs.succeed("cryptsetup", "open", "--test-passphrase", "--key-file", passphrase, image);
    }

    @Test
    void refusesAFile() throws Exception {
        Path file = directory.resolve("kept");
        File errors = directory.resolve("errors").toFile();
        int asked = kms.requests();
        Process process = builder(command())
                .redirectOutput(file.toFile())
                .redirectError(errors)
                .start();
        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(file).isEmptyFile();
        assertThat(Files.readString(errors.toPath())).contains("into a pipe only");
        assertThat(kms.requests()).isEqualTo(asked);
    }

    @Test
    void refusesATerminal() throws Exception {
        Programs.require("python3");
        int asked = kms.requests();
        List<String> command = new ArrayList<>(List.of(
                "python3", "-c", "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"));
        command.addAll(command());
        Process process = builder(command).redirectErrorStream(true).start();
        String screen = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(screen).isEqualTo(2);
        assertThat(screen).contains("into a pipe only");
        assertThat(kms.requests()).isEqualTo(asked);
    }
}

package dev.sallyport.volume.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.testing.AgentProcess;
import dev.sallyport.volume.testing.FaultLayer;
import dev.sallyport.volume.testing.TestKms;
import dev.sallyport.volume.testing.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands that change images are killed, and their power fails: what was acknowledged holds, what was under way happened or
 * did not, and the image opens. {@code -Dsallyport.kill.rounds} for more.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class VolumeKillLoopIT {
    private static final long SIZE = 1 << 20;

    @TempDir
    private Path work;

    private TestKms kms;
    private String first;
    private String second;
    private Path images;
    private final byte[] content = new byte[65536];
    private final Random random = new Random();

    @BeforeEach
    void make() throws IOException {
        kms = new TestKms();
        first = kms.newKey();
        second = kms.newKey();
        images = work.resolve("images");
        fresh();
    }

    private void fresh() throws IOException {
        if (Files.exists(images)) {
            try (var files = Files.list(images)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.createDirectories(images);
        Path image = images.resolve(CommandLoop.IMAGE);
        new Commands(kms).succeed("create", image, "--size", SIZE, "--key", first);
        random.nextBytes(content);
        Volumes.write(image, kms, 0, content);
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    /** Runs commands until a few were acknowledged and one more is under way, then kills. */
    private CommandJournal runAndKill(Map<String, String> environment) throws Exception {
        Map<String, String> all = new HashMap<>(kms.environment());
        all.putAll(environment);
        try (AgentProcess loop = AgentProcess.start(
                work,
                all,
                "dev.sallyport.volume.cli.CommandLoop",
                images,
                kms.endpoint(),
                random.nextLong(),
                first,
                second)) {
            int wanted = 1 + random.nextInt(30);
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
            while (new CommandJournal(loop.output()).commands() < wanted) {
                assertThat(loop.process().isAlive())
                        .as(loop.output() + loop.errors())
                        .isTrue();
                assertThat(System.nanoTime()).isLessThan(end);
                Thread.sleep(random.nextInt(20));
            }
            loop.close();
            return new CommandJournal(loop.output());
        }
    }

    private void check(Path directory, CommandJournal journal) throws IOException {
        Path image = directory.resolve(CommandLoop.IMAGE);
        try (VolumeImage opened = VolumeImage.open(image, VolumeImage.Use.WRITE)) {
            assertThat(journal.possible("rekey", first)).contains(opened.token().keyArn());
            assertThat(journal.possible("resize", Long.toString(SIZE)))
                    .contains(Long.toString(opened.token().size()));
            for (int number = 0; number < 2; number++) {
                List<String> possible = journal.possible("passphrase " + number, "passphrase-remove");
                boolean opens = opens(opened, number);
                // a removal overwrites before it takes away, so that one under way may have done half of it
                assertThat(possible).contains(opens ? "passphrase-add" : "passphrase-remove");
            }
        }
        new Commands(kms).succeed("verify", image);
        assertThat(Volumes.read(image, kms, 0, content.length)).isEqualTo(content);
        for (String created : journal.created()) {
            assertThat(directory.resolve(created)).exists();
        }
        try (var files = Files.list(directory)) {
            for (Path made : files.filter(file -> file.getFileName().toString().startsWith("made-"))
                    .toList()) {
                new Commands(kms).succeed("verify", made);
            }
        }
    }

    private boolean opens(VolumeImage opened, int number) throws IOException {
        try (SecretBytes secret = SecretFile.passphrase(CommandLoop.passphrase(images, number))) {
            return opened.header().openPassphrase(secret).isPresent();
        }
    }

    @Test
    void keepsWhatItAcknowledgedWhenKilled(TestReporter reporter) throws Exception {
        int rounds = Integer.getInteger("sallyport.kill.rounds", 3);
        assertThat(rounds).isPositive();
        int commands = 0;
        for (int round = 0; round < rounds; round++) {
            fresh();
            CommandJournal journal = runAndKill(Map.of());
            commands += journal.commands();
            check(images, journal);
        }
        reporter.publishEntry(Map.of("rounds", "" + rounds, "commands acknowledged", "" + commands));
    }

    @Test
    void keepsWhatItAcknowledgedWhenThePowerFails(TestReporter reporter) throws Exception {
        int rounds = Integer.getInteger("sallyport.power.rounds", 1);
        int commands = 0;
        for (int round = 0; round < rounds; round++) {
            fresh();
            Path own = Files.createDirectory(work.resolve("fault-" + round));
            FaultLayer layer = new FaultLayer(own, images);
            CommandJournal journal = runAndKill(layer.environment());
            commands += journal.commands();
            for (Path left : layer.powerCuts(3)) {
                check(left, journal);
            }
            layer.delete();
        }
        reporter.publishEntry(Map.of("rounds", "" + rounds, "commands acknowledged", "" + commands));
    }
}

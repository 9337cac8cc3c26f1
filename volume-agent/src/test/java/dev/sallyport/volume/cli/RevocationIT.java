package dev.sallyport.volume.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.KeyStatus;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.luks.Token;
import dev.sallyport.volume.testing.AgentProcess;
import dev.sallyport.volume.testing.NbdClient;
import dev.sallyport.volume.testing.TestKms;
import dev.sallyport.volume.testing.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A key is revoked, or the KMS is away, while its volume is attached. */
class RevocationIT {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    @TempDir
    private Path directory;

    private TestKms kms;
    private Commands commands;
    private String key;
    private Path image;
    private Path socket;
    private final byte[] block = new byte[4096];

    @BeforeEach
    void make() throws IOException {
        kms = new TestKms();
        commands = new Commands(kms);
        key = kms.newKey();
        image = directory.resolve("disk.img");
        socket = directory.resolve("s");
        commands.succeed("create", image, "--size", "1M", "--key", key);
        block[0] = 1;
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    private AgentProcess attach(String policy) throws Exception {
        AgentProcess agent = AgentProcess.start(
                directory, kms, "attach", image, "--socket", socket, "--on-revoke", policy, "--recheck", "50ms");
        agent.awaitOutput("attached ");
        return agent;
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE;
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("it did not come about").isLessThan(end);
            Thread.sleep(20);
        }
    }

    /** Lets the agent ask again a few times. */
    private void someRechecks() throws Exception {
        int seen = kms.requests();
        await(() -> kms.requests() >= seen + 3);
    }

    @Test
    void continuesWhereThatIsThePolicy() throws Exception {
        try (AgentProcess agent = attach("continue");
                NbdClient client = new NbdClient(socket)) {
            kms.set(key, TestKms.State.DISABLED);
            await(() -> agent.errors().contains("DisabledException"));
            someRechecks();
            assertThat(client.write(0, block, NbdClient.FUA)).isZero();
            assertThat(client.read(0, 4096)).isEqualTo(block);
            assertThat(agent.process().isAlive()).isTrue();
        }
        assertThat(commands.fail(6, "attach", image, "--socket", socket + "2")).contains("DisabledException", key);
    }

    @ParameterizedTest
    @EnumSource(
            value = TestKms.State.class,
            names = {"DISABLED", "PENDING_DELETION", "GONE", "DENIED"})
    void refusesWritesUntilTheKeyIsBackWhereThatIsThePolicy(TestKms.State state) throws Exception {
        try (AgentProcess agent = attach("read-only");
                NbdClient client = new NbdClient(socket)) {
            assertThat(client.write(0, block, NbdClient.FUA)).isZero();
            kms.set(key, state);
            await(() -> client.write(4096, block, 0) == NbdClient.EPERM);
            assertThat(client.read(0, 4096)).isEqualTo(block);
            assertThat(client.flush()).isZero();
            kms.set(key, TestKms.State.ENABLED);
            await(() -> client.write(4096, block, 0) == 0);
            assertThat(agent.process().isAlive()).isTrue();
        }
    }

    @Test
    void stopsAfterItsTimeWhereThatIsThePolicy() throws Exception {
        try (AgentProcess agent = attach("stop-after=300ms");
                NbdClient client = new NbdClient(socket)) {
            assertThat(client.write(0, block, 0)).isZero();
            kms.set(key, TestKms.State.DISABLED);
            assertThat(agent.await()).isZero();
            assertThat(agent.errors()).contains("DisabledException", "detaching");
            assertThat(Files.exists(socket)).isFalse();
        }
        assertThat(commands.fail(6, "attach", image, "--socket", socket)).contains("DisabledException", key);
        kms.set(key, TestKms.State.ENABLED);
        assertThat(Volumes.read(image, kms, 0, 4096)).isEqualTo(block);
    }

    @Test
    void doesNotStopWhenTheKeyIsBackInTime() throws Exception {
        try (AgentProcess agent = attach("stop-after=1h");
                NbdClient client = new NbdClient(socket)) {
            kms.set(key, TestKms.State.DISABLED);
            await(() -> agent.errors().contains("was revoked"));
            kms.set(key, TestKms.State.ENABLED);
            await(() -> (agent.output() + agent.errors()).contains("may be used again"));
            assertThat(client.write(0, block, 0)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TestKms.Mode.class,
            names = {"FAILS", "THROTTLES", "REFUSES_CREDENTIALS"})
    void takesNoOutageForARevocation(TestKms.Mode mode) throws Exception {
        try (AgentProcess agent = attach("stop-after=0s");
                NbdClient client = new NbdClient(socket)) {
            kms.set(mode);
            await(() -> agent.errors().contains("cannot say whether"));
            someRechecks();
            assertThat(client.write(0, block, NbdClient.FUA)).isZero();
            kms.set(TestKms.Mode.ANSWERS);
            await(() -> (agent.output() + agent.errors()).contains("may be used again"));
            assertThat(agent.process().isAlive()).isTrue();
            // the control: what it is told now, it acts upon
            kms.set(key, TestKms.State.DISABLED);
            assertThat(agent.await()).isZero();
        }
    }

    @Test
    void anOutageUndoesNoRevocation() throws Exception {
        try (AgentProcess agent = attach("read-only");
                NbdClient client = new NbdClient(socket)) {
            kms.set(key, TestKms.State.DISABLED);
            await(() -> client.write(0, block, 0) == NbdClient.EPERM);
            kms.set(TestKms.Mode.FAILS);
            await(() -> agent.errors().contains("cannot say whether"));
            assertThat(client.write(0, block, 0)).isEqualTo(NbdClient.EPERM);
        }
    }

    @Test
    void tellsSilenceFromARefusal() throws IOException {
        Token token;
        try (VolumeImage opened = VolumeImage.open(image, VolumeImage.Use.LOOK)) {
            token = opened.token();
        }
        try (VolumeKeys keys = Volumes.keys(kms)) {
            assertThat(keys.check(token)).isInstanceOf(KeyStatus.Usable.class);
            kms.set(TestKms.Mode.HANGS);
            assertThat(keys.check(token)).isInstanceOf(KeyStatus.Unknown.class);
            kms.close();
            assertThat(keys.check(token)).isInstanceOf(KeyStatus.Unknown.class);
        }
        assertThat(commands.fail(7, "attach", image, "--socket", socket)).contains("cannot be");
    }
}

package dev.sallyport.volume.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.volume.device.LuksDevice;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.testing.AgentProcess;
import dev.sallyport.volume.testing.FaultLayer;
import dev.sallyport.volume.testing.NbdClient;
import dev.sallyport.volume.testing.TestKms;
import dev.sallyport.volume.testing.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The power fails under an attached volume with writes in flight on several connections: what FLUSH or FUA acknowledged is
 * there. {@code -Dsallyport.power.rounds} for more.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class PowerCutIT {
    private static final int CONNECTIONS = 4;
    private static final int BLOCKS = 512;

    @TempDir
    private Path work;

    private TestKms kms;
    private final Random random = new Random();

    @BeforeEach
    void start() throws IOException {
        kms = new TestKms();
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    @Test
    void whatFlushAndFuaAcknowledgedIsThere(TestReporter reporter) throws Exception {
        int rounds = Integer.getInteger("sallyport.power.rounds", 2);
        assertThat(rounds).isPositive();
        int requests = 0;
        int durable = 0;
        for (int round = 0; round < rounds; round++) {
            Path own = Files.createDirectory(work.resolve("round-" + round));
            Path images = Files.createDirectory(own.resolve("images"));
            Path image = images.resolve("disk.img");
            new Commands(kms).succeed("create", image, "--size", BLOCKS * BlockLedger.BLOCK, "--key", kms.newKey());
            FaultLayer layer = new FaultLayer(Files.createDirectory(own.resolve("fault")), images);
            BlockLedger ledger = new BlockLedger(BLOCKS);
            requests += writeAndCut(own, image, layer, ledger);
            durable += ledger.durableBlocks();
            assertThat(ledger.durableBlocks()).isPositive();
            check(image, ledger, false);
            List<Path> left = layer.powerCuts(2);
            for (int i = 0; i < left.size(); i++) {
                check(left.get(i).resolve("disk.img"), ledger, i > 0);
            }
            layer.delete();
        }
        reporter.publishEntry(Map.of(
                "rounds", "" + rounds, "requests answered", "" + requests, "durable blocks checked", "" + durable));
    }

    /** Writes, and kills the agent while requests are under way; how many were answered. */
    private int writeAndCut(Path own, Path image, FaultLayer layer, BlockLedger ledger) throws Exception {
        Map<String, String> environment = new HashMap<>(kms.environment());
        environment.putAll(layer.environment());
        Path socket = own.resolve("s");
        AtomicInteger answered = new AtomicInteger();
        List<Thread> writers = new ArrayList<>();
        try (AgentProcess agent = AgentProcess.start(
                own,
                environment,
                "dev.sallyport.volume.Main",
                "attach",
                image,
                "--socket",
                socket,
                "--kms-endpoint",
                kms.endpoint())) {
            agent.awaitOutput("attached ");
            for (int i = 0; i < CONNECTIONS; i++) {
                int own0 = i;
                long seed = random.nextLong();
                writers.add(Thread.ofPlatform().start(() -> write(socket, ledger, own0, new Random(seed), answered)));
            }
            int wanted = 200 + random.nextInt(2000);
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
            while (answered.get() < wanted) {
                assertThat(agent.process().isAlive()).as(agent.errors()).isTrue();
                assertThat(System.nanoTime()).isLessThan(end);
                Thread.onSpinWait();
            }
        }
        for (Thread writer : writers) {
            writer.join();
        }
        return answered.get();
    }

    /** Writes blocks of its own until the connection dies. */
    private static void write(Path socket, BlockLedger ledger, int own, Random random, AtomicInteger answered) {
        try (NbdClient client = new NbdClient(socket)) {
            while (true) {
                if (random.nextInt(16) == 0) {
                    long[] before = ledger.beforeFlush();
                    if (client.flush() != 0) {
                        return;
                    }
                    ledger.flushed(before);
                } else {
                    int block = random.nextInt(BLOCKS / CONNECTIONS) * CONNECTIONS + own;
                    boolean fua = random.nextInt(8) == 0;
                    byte[] content = ledger.next(block);
                    if (client.write((long) block * BlockLedger.BLOCK, content, fua ? NbdClient.FUA : 0) != 0) {
                        return;
                    }
                    ledger.answered(block, fua);
                }
                answered.incrementAndGet();
            }
        } catch (IOException e) {
            // the agent is gone, as it should be; what was answered is in the ledger
            assertThat(answered.get()).isPositive();
        }
    }

    private void check(Path image, BlockLedger ledger, boolean torn) throws IOException {
        try (VolumeImage opened = VolumeImage.open(image, VolumeImage.Use.WRITE);
                VolumeKeys keys = Volumes.keys(kms);
                KeyBundle bundle = opened.unlock(keys);
                LuksDevice device = opened.device(bundle.volumeKey(), true, new LuksDevice.Options(true, false))) {
            byte[] content = new byte[BlockLedger.BLOCK];
            for (int block = 0; block < BLOCKS; block++) {
                device.read((long) block * BlockLedger.BLOCK, content, 0, content.length);
                assertThat(ledger.allows(block, content, torn))
                        .as("block " + block + " of " + image)
                        .isTrue();
            }
        }
    }
}

package dev.sallyport.volume.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.volume.device.LuksDevice;
import dev.sallyport.volume.nbd.client.NbdClient;
import dev.sallyport.volume.nbd.client.NbdUri;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random requests of any offset and length, over several connections and reopenings, against an array. More of them:
 * {@code -Dsallyport.model.operations=100000}; one run again: {@code -Dsallyport.model.seed=…}.
 */
@Timeout(600)
class ModelIT {
    private static final int SIZE = 4 << 20;
    private static final int OPERATIONS = Integer.getInteger("sallyport.model.operations", 1500);
    private static final int LARGEST = 1 << 20;

    @TempDir
    private Path directory;

    private final byte[] model = new byte[SIZE];

    /** Whose content is defined: written since the beginning, and since the last trim. */
    private final BitSet known = new BitSet(SIZE);

    @RepeatedTest(3)
    void everyReadGivesWhatWasWritten() throws Exception {
        long seed = Long.getLong("sallyport.model.seed", System.nanoTime());
        Random random = new Random(seed);
        Path image = directory.resolve("model-" + seed);
        Path socket = directory.resolve("s");
        SecretBytes key = SecretBytes.random(64);
        TestVolume.create(image, SIZE, key).close();
        String uri = "nbd+unix:///?socket=" + socket;
        for (int done = 0; done < OPERATIONS; ) {
            List<NbdClient> clients = new ArrayList<>();
            try (LuksDevice device = TestVolume.open(image, SIZE, key);
                    NbdServer server = NbdServer.onUnixSocket(new Export("", "", device, false), socket)) {
                for (int i = 0; i < 3; i++) {
                    clients.add(NbdClient.connect(NbdUri.parse(uri), random.nextBoolean()));
                }
                for (int i = 0; i < OPERATIONS / 5; i++) {
                    operation(clients.get(random.nextInt(clients.size())), random, "seed " + seed);
                    done++;
                }
                compare(clients.getFirst(), 0, SIZE, "seed " + seed + ", all of it");
                for (NbdClient client : clients) {
                    client.close();
                }
                assertThat(server.connections()).isLessThanOrEqualTo(clients.size());
            }
        }
        key.close();
    }

    private void operation(NbdClient client, Random random, String seed) throws Exception {
        int length = 1 + (random.nextInt(4) == 0 ? random.nextInt(LARGEST) : random.nextInt(10_000));
        int position = random.nextInt(SIZE - length);
        if (random.nextBoolean()) {
            position -= position % 4096;
        }
        if (random.nextBoolean() && length > 4096) {
            length -= length % 4096;
        }
        int kind = random.nextInt(100);
        String what = seed + ", operation " + kind + " at " + position + " of " + length;
        if (kind < 40) {
            compare(client, position, length, what);
        } else if (kind < 75) {
            byte[] data = new byte[length];
            random.nextBytes(data);
            System.arraycopy(data, 0, model, position, length);
            known.set(position, position + length);
            client.write(position, data, 0, length, kind < 45);
        } else if (kind < 85) {
            client.writeZeroes(position, length);
            Arrays.fill(model, position, position + length, (byte) 0);
            known.set(position, position + length);
        } else if (kind < 93) {
            client.trim(position, length);
            known.clear(position, position + length);
        } else if (kind < 97) {
            client.flush();
        } else {
            long at = position;
            for (NbdClient.Extent extent : client.extents(position, length)) {
                // what was written, and not trimmed, is never called a hole
                int first = known.nextSetBit((int) at);
                assertThat(extent.hole() && first >= 0 && first < at + extent.length())
                        .as(what)
                        .isFalse();
                assertThat(extent.zero()).isFalse();
                at += extent.length();
            }
        }
    }

    private void compare(NbdClient client, int position, int length, String what) throws Exception {
        byte[] read = new byte[length];
        client.read(position, read, 0, length);
        for (int i = 0; i < length; i++) {
            if (read[i] != model[position + i] && known.get(position + i)) {
                throw new AssertionError(what + ": byte " + (position + i) + " is not what was written");
            }
        }
    }

    /** Bytes of one sector, each written by another connection at the same time: none undoes another's. */
    @Test
    void writesOfSingleBytesDoNotUndoEachOther() throws Exception {
        Path socket = directory.resolve("s");
        int writers = 8;
        try (SecretBytes key = SecretBytes.random(64);
                LuksDevice device = TestVolume.create(directory.resolve("image"), SIZE, key);
                NbdServer server = NbdServer.onUnixSocket(new Export("", "", device, false), socket);
                ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            NbdUri uri = NbdUri.parse("nbd+unix:///?socket=" + socket);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                int own = i;
                all.add(threads.submit(() -> {
                    try (NbdClient client = NbdClient.connect(uri)) {
                        for (int at = own; at < 4096; at += writers) {
                            client.write(at, new byte[] {(byte) (at % 251 + 1)}, 0, 1, false);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
            byte[] sector = new byte[4096];
            device.read(0, sector, 0, 4096);
            for (int at = 0; at < 4096; at++) {
                assertThat(sector[at]).isEqualTo((byte) (at % 251 + 1));
            }
            assertThat(server.connections()).isLessThanOrEqualTo(writers);
        }
    }
}

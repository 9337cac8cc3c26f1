package dev.sallyport.volume.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.volume.device.LuksDevice;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that vanish at random points. How many: {@code -Dsallyport.disconnects=10000}. */
@Timeout(1200)
class DisconnectIT {
    private static final int ROUNDS = Integer.getInteger("sallyport.disconnects", 400);
    private static final int SIZE = 4 << 20;

    /** Bytes that the heap may grow by, after a collection, over all rounds but the first. */
    private static final long MARGIN = 8 << 20;

    @TempDir
    private Path directory;

    /** A whole conversation, as the client's side sends it. */
    private static byte[] conversation(Random random) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES);
        option(out, Nbd.OPT_STRUCTURED_REPLY);
        option(out, Nbd.OPT_LIST);
        option(out, Nbd.OPT_SET_META_CONTEXT, RawNbd.contexts("", Nbd.BASE_ALLOCATION));
        option(out, Nbd.OPT_GO, RawNbd.info(""));
        int[] commands = {
            Nbd.CMD_READ, Nbd.CMD_WRITE, Nbd.CMD_FLUSH, Nbd.CMD_TRIM, Nbd.CMD_WRITE_ZEROES, Nbd.CMD_BLOCK_STATUS
        };
        for (int i = 0; i < 12; i++) {
            int command = commands[random.nextInt(commands.length)];
            int length = command == Nbd.CMD_FLUSH ? 0 : 1 + random.nextInt(random.nextInt(4) == 0 ? 2 << 20 : 20_000);
            out.writeInt(Nbd.REQUEST_MAGIC);
            out.writeShort(command == Nbd.CMD_WRITE && random.nextBoolean() ? Nbd.FLAG_FUA : 0);
            out.writeShort(command);
            out.writeLong(i);
            out.writeLong(length == 0 ? 0 : random.nextInt(SIZE - length));
            out.writeInt(length);
            if (command == Nbd.CMD_WRITE) {
                out.write(new byte[length]);
            }
        }
        return bytes.toByteArray();
    }

    private static void option(DataOutputStream out, int option, byte... data) throws IOException {
        out.writeLong(Nbd.OPTION_MAGIC);
        out.writeInt(option);
        out.writeInt(data.length);
        out.write(data);
    }

    @Test
    void leaveTheServerAliveItsMemoryFlatAndTheExportFree() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (LuksDevice device = TestVolume.create(directory.resolve("image"), SIZE);
                NbdServer server = NbdServer.onTcp(
                        new Export("", "", device, false),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        null)) {
            long heap = 0;
            long descriptors = 0;
            for (int round = 0; round < ROUNDS; round++) {
                if (round == ROUNDS / 10) {
                    settle(server);
                    heap = heap();
                    descriptors = descriptors();
                }
                vanish(server.port(), random);
            }
            settle(server);
            try (RawNbd raw = RawNbd.transmitting(server.port(), true, false)) {
                raw.write(Nbd.FLAG_FUA, 1, 10, new byte[] {1, 2, 3});
                assertThat(raw.answer(0).error()).as("seed %d", seed).isZero();
                assertThat(raw.read(10, 3)).as("seed %d", seed).containsExactly(1, 2, 3);
            }
            assertThat(heap()).as("seed %d", seed).isLessThan(heap + MARGIN);
            assertThat(descriptors()).as("seed %d", seed).isLessThanOrEqualTo(descriptors + 4);
        }
    }

    /** Sends a conversation up to somewhere, or as far as the server takes it, reads some answers or none, and is gone. */
    private static void vanish(int port, Random random) throws IOException {
        byte[] all = conversation(random);
        int length = random.nextInt(random.nextBoolean() ? 300 : all.length);
        try (SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            channel.configureBlocking(false);
            if (random.nextBoolean()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
            ByteBuffer out = ByteBuffer.wrap(all, 0, length);
            ByteBuffer in = ByteBuffer.allocate(64 * 1024);
            int patience = random.nextInt(100);
            boolean reads = random.nextBoolean();
            while (out.hasRemaining() && patience > 0) {
                int written = channel.write(out);
                if (reads) {
                    channel.read(in.clear());
                }
                if (written == 0) {
                    patience--;
                    Thread.onSpinWait();
                }
            }
        } catch (SocketException e) {
            assertThat(e).as("the server hangs up first, at the most").hasMessageNotContaining("refused");
        }
    }

    private static void settle(NbdServer server) throws InterruptedException {
        for (int attempt = 0; server.connections() > 0 && attempt < 1000; attempt++) {
            Thread.sleep(10);
        }
        assertThat(server.connections()).isZero();
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long descriptors() throws IOException {
        Path own = Path.of("/proc/self/fd");
        if (!Files.isDirectory(own)) {
            return 0;
        }
        try (var all = Files.list(own)) {
            return all.count();
        }
    }
}

package dev.sallyport.volume.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.volume.nbd.Export;
import dev.sallyport.volume.nbd.NbdServer;
import dev.sallyport.volume.testing.MemoryDevice;
import dev.sallyport.volume.testing.TestKms;
import dev.sallyport.volume.testing.Volumes;
import dev.sallyport.volume.transfer.RawFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Import and export, on the command line. */
class TransferCommandsIT {
    private static final String NEEDLE = "a line that must not be on the disk";
    private static final int SIZE = 6 << 20;

    @TempDir
    private Path directory;

    private TestKms kms;
    private Commands commands;
    private String key;
    private Path image;
    private Path copy;

    @BeforeEach
    void start() throws IOException {
        kms = new TestKms();
        commands = new Commands(kms);
        key = kms.newKey();
        image = directory.resolve("disk.img");
        copy = directory.resolve("copy.raw");
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    /** A file with data at both ends and a hole between. */
    private Path raw(int size) throws IOException {
        Path file = directory.resolve("disk.raw");
        byte[] data = new byte[1 << 20];
        new Random(4).nextBytes(data);
        byte[] needle = NEEDLE.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(needle, 0, data, 4096, needle.length);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(data);
            out.seek(size - data.length);
            out.write(data);
        }
        return file;
    }

    @Test
    void aRawFileGoesInAndComesOut() throws Exception {
        Path raw = raw(SIZE);
        String said = commands.succeed("import", raw, image, "--key", key, "--context", "team=a", "--label", "x");
        assertThat(said).contains("imported " + raw + " to " + image, key, SIZE + " bytes");
        assertThat(new String(Files.readAllBytes(image), StandardCharsets.ISO_8859_1))
                .doesNotContain(NEEDLE);
        assertThat(commands.succeed("inspect", image, "--json"))
                .contains("\"verified\":true", "\"team\":\"a\"", "\"sallyport:volume-name\":\"disk.img\"");
        assertThat(Volumes.read(image, kms, 2 << 20, 4096))
                .as("holes are zeros")
                .isEqualTo(new byte[4096]);
        JsonNode result = new ObjectMapper().readTree(commands.succeed("export", image, copy, "--json"));
        assertThat(result.path("size").asLong()).isEqualTo(SIZE);
        assertThat(result.path("verified").asBoolean()).isTrue();
        assertThat(Files.mismatch(raw, copy)).isEqualTo(-1);
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("disk.raw", "disk.img", "copy.raw");
        assertThat(commands.fail(ExitCode.FAILED, "import", raw, image, "--key", key))
                .contains("never overwritten");
        assertThat(commands.fail(ExitCode.FAILED, "export", image, copy)).contains("never overwritten");
    }

    @Test
    void exportLeavesWhatWasNeverWrittenAsHoles() throws IOException {
        commands.succeed("create", image, "--size", "64M", "--key", key);
        byte[] data = new byte[8192];
        Arrays.fill(data, (byte) 7);
        Volumes.write(image, kms, 32 << 20, data);
        commands.succeed("export", image, copy);
        assertThat(Files.size(copy)).isEqualTo(64 << 20);
        try (RawFile read = RawFile.toRead(copy)) {
            assertThat(read.run(0, Long.MAX_VALUE).hole()).isTrue();
        }
        try (RandomAccessFile read = new RandomAccessFile(copy.toFile(), "r")) {
            byte[] all = new byte[64 << 20];
            read.readFully(all);
            byte[] expected = new byte[64 << 20];
            System.arraycopy(data, 0, expected, 32 << 20, data.length);
            assertThat(all).isEqualTo(expected);
        }
    }

    @Test
    void aFileThatIsNoWholeNumberOfSectorsIsPaddedWithZeros() throws IOException {
        Path raw = raw(SIZE + 1);
        commands.succeed("import", raw, image, "--key", key);
        assertThat(Volumes.read(image, kms, SIZE, 4096))
                .startsWith(Files.readAllBytes(raw)[SIZE])
                .endsWith(new byte[4095]);
    }

    @Test
    void anNbdExportIsImportedAndAnInterruptedImportGoesOn() throws IOException {
        MemoryDevice device = new MemoryDevice(SIZE);
        new Random(5).nextBytes(device.bytes);
        device.failsFrom = 2 << 20;
        device.failure = new IOException("Input/output error");
        try (NbdServer server = NbdServer.onTcp(
                new Export("src", "", device, true),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null)) {
            String uri = "nbd://127.0.0.1:" + server.port() + "/src";
            assertThat(commands.fail(ExitCode.FAILED, "import", uri, image, "--key", key))
                    .contains("the NBD server answered READ with error 5");
            assertThat(image).doesNotExist();
            assertThat(commands.fail(ExitCode.FAILED, "import", raw(SIZE), image, "--key", key))
                    .contains("not the one that an interrupted copy began with");
            device.failure = null;
            Commands.Result result = commands.run("import", uri, image, "--key", key);
            assertThat(result.err()).startsWith("going on at 2.0 MiB of 6.0 MiB");
            assertThat(result.exit()).isZero();
            // the second half is a hole, as MemoryDevice says
            assertThat(Volumes.read(image, kms, 0, SIZE / 2)).isEqualTo(Arrays.copyOf(device.bytes, SIZE / 2));
            assertThat(Volumes.read(image, kms, SIZE / 2, SIZE / 2)).isEqualTo(new byte[SIZE / 2]);
            assertThat(commands.fail(ExitCode.FAILED, "import", uri + "x", directory.resolve("i2"), "--key", key))
                    .contains("no such export");
        }
    }

    @Test
    void startsOverWhenTold() throws IOException {
        Path raw = raw(SIZE);
        Files.writeString(directory.resolve("disk.img.partial"), "rubbish");
        Files.writeString(directory.resolve("disk.img.partial.json"), "rubbish");
        assertThat(commands.run("import", raw, image, "--key", key).exit()).isNotZero();
        assertThat(commands.succeed("import", raw, image, "--key", key, "--restart"))
                .contains("imported");
    }

    @Test
    void refusesWhatIsNoSource() throws IOException {
        Path empty = Files.createFile(directory.resolve("empty"));
        assertThat(commands.fail(ExitCode.FAILED, "import", empty, image, "--key", key))
                .contains("is empty");
        assertThat(commands.fail(ExitCode.FAILED, "import", directory.resolve("none"), image, "--key", key))
                .contains("does not exist");
        for (String uri : new String[] {"nbd://", "nbd+unix:///x", "nbd://h/?x=1", "nbd://h:99999999/", "nbd:\\x"}) {
            assertThat(commands.fail(ExitCode.USAGE, "import", uri, image, "--key", key))
                    .contains("NBD URI");
        }
        assertThat(commands.fail(ExitCode.FAILED, "import", "nbd+unix:///?socket=/none", image, "--key", key))
                .doesNotContain("null");
        assertThat(directory.toFile().list()).containsExactly("empty");
    }
}

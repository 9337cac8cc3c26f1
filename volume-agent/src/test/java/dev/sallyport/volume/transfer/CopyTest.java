package dev.sallyport.volume.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyTest {
    private static final int SIZE = 5 * Copy.PIECE + 1234;

    @TempDir
    private Path directory;

    /** Data, with a hole in its second and third piece, that fails from a byte on when told. */
    private static final class TestSource implements Source {
        final byte[] bytes = new byte[SIZE];
        long failsFrom = Long.MAX_VALUE;
        long readFrom = Long.MAX_VALUE;
        String state = "v1";

        TestSource() {
            new Random(3).nextBytes(bytes);
            Arrays.fill(bytes, Copy.PIECE, 3 * Copy.PIECE, (byte) 0);
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public String identity() {
            return state;
        }

        @Override
        public Run run(long position, long limit) {
            if (position < Copy.PIECE) {
                return new Run(Math.min(limit, Copy.PIECE - position), false);
            }
            return position < 3L * Copy.PIECE
                    ? new Run(Math.min(limit, 3L * Copy.PIECE - position), true)
                    : new Run(limit, false);
        }

        @Override
        public void read(long position, byte[] into, int length) throws IOException {
            if (position + length > failsFrom) {
                throw new IOException("the source broke");
            }
            readFrom = Math.min(readFrom, position);
            System.arraycopy(bytes, (int) position, into, 0, length);
        }

        @Override
        public void close() {}
    }

    private final TestSource source = new TestSource();

    private void copy(Unfinished unfinished) throws IOException {
        try (RawFile target = RawFile.toWrite(unfinished.partial(), SIZE)) {
            Copy copy = new Copy(source, target, unfinished.journal(), Progress.NONE);
            copy.run();
            copy.verify();
        }
    }

    @Test
    void copiesDataAndLeavesHoles() throws IOException {
        Path file = directory.resolve("copy");
        Unfinished unfinished = new Unfinished(file);
        copy(unfinished);
        assertThat(file).doesNotExist();
        unfinished.publish();
        assertThat(Files.readAllBytes(file)).isEqualTo(source.bytes);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (RawFile read = RawFile.toRead(file)) {
            assertThat(read.run(2L * Copy.PIECE, 1).hole()).isTrue();
        }
        assertThat(directory.toFile().list()).containsExactly("copy");
        assertThatThrownBy(() -> new Unfinished(file)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void goesOnWhereItWasInterrupted() throws IOException {
        source.failsFrom = 4L * Copy.PIECE + 1;
        Path file = directory.resolve("copy");
        assertThatThrownBy(() -> copy(new Unfinished(file))).hasMessage("the source broke");
        source.failsFrom = Long.MAX_VALUE;
        Unfinished unfinished = new Unfinished(file);
        assertThat(unfinished.journal().read().orElseThrow().done()).isEqualTo(4L * Copy.PIECE);
        source.readFrom = Long.MAX_VALUE;
        try (RawFile target = RawFile.toWrite(unfinished.partial(), SIZE)) {
            new Copy(source, target, unfinished.journal(), Progress.NONE).run();
        }
        assertThat(source.readFrom).as("one piece is compared again").isEqualTo(3L * Copy.PIECE);
        assertThat(Files.readAllBytes(unfinished.partial())).isEqualTo(source.bytes);
    }

    @Test
    void doesNotGoOnFromAnotherSourceOrBehindChangedData() throws IOException {
        source.failsFrom = 4L * Copy.PIECE + 1;
        Path file = directory.resolve("copy");
        assertThatThrownBy(() -> copy(new Unfinished(file))).hasMessage("the source broke");
        source.failsFrom = Long.MAX_VALUE;
        source.state = "v2";
        assertThatThrownBy(() -> copy(new Unfinished(file)))
                .isInstanceOf(TransferException.class)
                .hasMessageContaining("--restart");
        source.state = "v1";
        source.bytes[4 * Copy.PIECE - 1]++;
        assertThatThrownBy(() -> copy(new Unfinished(file)))
                .isInstanceOf(TransferException.class)
                .hasMessageContaining("differs");
        new Unfinished(file).discard();
        copy(new Unfinished(file));
    }

    @Test
    void refusesADamagedJournal() throws IOException {
        Path file = directory.resolve("copy");
        for (String text : new String[] {"", "{", "[]", "{\"version\":2}", "{\"version\":1,\"size\":1,\"done\":2}"}) {
            Files.writeString(directory.resolve("copy.partial.json"), text);
            assertThatThrownBy(() -> copy(new Unfinished(file)))
                    .isInstanceOf(TransferException.class)
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void noticesACopyThatIsNotTheSource() throws IOException {
        Unfinished unfinished = new Unfinished(directory.resolve("copy"));
        try (RawFile target = RawFile.toWrite(unfinished.partial(), SIZE)) {
            Copy copy = new Copy(source, target, unfinished.journal(), Progress.NONE);
            copy.run();
            copy.verify();
            for (long at : new long[] {0, 2L * Copy.PIECE, SIZE - 1}) {
                byte[] one = new byte[1];
                target.read(at, one, 1);
                one[0]++;
                target.write(at, one.clone(), 1);
                assertThatThrownBy(copy::verify)
                        .isInstanceOf(TransferException.class)
                        .hasMessageContaining("at byte " + at + ":");
                one[0]--;
                target.write(at, one, 1);
                copy.verify();
            }
        }
    }

    @Test
    void streamsHolesAsZeros() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Copy(source, new RawStream(out), null, Progress.NONE).run();
        assertThat(out.toByteArray()).isEqualTo(source.bytes);
    }
}

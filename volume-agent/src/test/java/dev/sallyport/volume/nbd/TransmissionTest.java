package dev.sallyport.volume.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.volume.testing.MemoryDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every command in each of the three forms of replies, and every way to ask for something wrong. */
@Timeout(120)
class TransmissionTest {
    private static final int SIZE = 40 << 20;

    private final MemoryDevice device = new MemoryDevice(SIZE);
    private NbdServer server;

    /** What the client agreed on. */
    enum Form {
        SIMPLE,
        STRUCTURED,
        EXTENDED
    }

    @BeforeEach
    void serve() throws IOException {
        new Random(1).nextBytes(device.bytes);
        server = server(false);
    }

    private NbdServer server(boolean readOnly) throws IOException {
        return NbdServer.onTcp(
                new Export("", "", device, readOnly), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null);
    }

    @AfterEach
    void end() {
        server.close();
    }

    private RawNbd connect(Form form) throws IOException {
        return RawNbd.transmitting(server.port(), form == Form.STRUCTURED, form == Form.EXTENDED);
    }

    @ParameterizedTest
    @EnumSource
    void readsAnyRangeUpTo32MiB(Form form) throws IOException {
        for (boolean now : new boolean[] {true, false}) {
            device.now = now;
            try (RawNbd raw = connect(form)) {
                int[][] ranges = {
                    {0, 1},
                    {1, 1},
                    {4095, 2},
                    {SIZE - 1, 1},
                    {0, 256 << 10},
                    {7, 256 << 10},
                    {511, (512 << 10) + 1},
                    {1, 1 << 20},
                    {4096, 3 << 20},
                    {12345, 32 << 20}
                };
                for (int[] range : ranges) {
                    assertThat(raw.read(range[0], range[1]))
                            .isEqualTo(Arrays.copyOfRange(device.bytes, range[0], range[0] + range[1]));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesAnyRangeUpTo32MiB(Form form) throws IOException {
        for (boolean now : new boolean[] {true, false}) {
            device.now = now;
            try (RawNbd raw = connect(form)) {
                byte[] data = new byte[32 << 20];
                new Random(2).nextBytes(data);
                int[][] ranges = {{0, 1}, {4095, 2}, {SIZE - 1, 1}, {7, 256 << 10}, {511, 1 << 20}, {12345, 32 << 20}};
                for (int[] range : ranges) {
                    int flushes = device.flushes.get();
                    for (int flags : new int[] {0, Nbd.FLAG_FUA}) {
                        data[0]++;
                        byte[] part = Arrays.copyOf(data, range[1]);
                        raw.write(flags, 9, range[0], part);
                        RawNbd.Answer answer = raw.answer(0);
                        assertThat(answer.error()).isZero();
                        assertThat(answer.cookie()).isEqualTo(9);
                        assertThat(Arrays.copyOfRange(device.bytes, range[0], range[0] + range[1]))
                                .isEqualTo(part);
                    }
                    assertThat(device.flushes.get() - flushes).as("FUA, once").isEqualTo(1);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theOtherCommands(Form form) throws IOException {
        try (RawNbd raw = connect(form)) {
            assertThat(raw.error(0, Nbd.CMD_FLUSH, 0, 0)).isZero();
            assertThat(raw.error(Nbd.FLAG_FUA, Nbd.CMD_FLUSH, 0, 0)).isZero();
            assertThat(device.flushes.get()).isEqualTo(2);
            assertThat(raw.error(0, Nbd.CMD_TRIM, 4096, 8192)).isZero();
            assertThat(raw.error(Nbd.FLAG_FUA, Nbd.CMD_TRIM, 4096, 8192)).isZero();
            assertThat(device.flushes.get()).isEqualTo(3);
            assertThat(raw.error(0, Nbd.CMD_CACHE, 0, SIZE)).isZero();
            assertThat(raw.error(0, Nbd.CMD_WRITE_ZEROES, 1, 10 << 20)).isZero();
            assertThat(raw.error(Nbd.FLAG_NO_HOLE | Nbd.FLAG_FUA, Nbd.CMD_WRITE_ZEROES, 1, 10 << 20))
                    .isZero();
            assertThat(device.flushes.get()).isEqualTo(4);
            assertThat(raw.read(1, 10 << 20)).isEqualTo(new byte[10 << 20]);
            assertThat(device.bytes[0]).isNotZero();
            assertThat(raw.error(Nbd.FLAG_FAST_ZERO, Nbd.CMD_WRITE_ZEROES, 0, 4096))
                    .isEqualTo(Nbd.ENOTSUP);
        }
    }

    @ParameterizedTest
    @EnumSource
    void blockStatusTellsDataFromHoles(Form form) throws IOException {
        try (RawNbd raw = connect(form)) {
            if (form == Form.SIMPLE) {
                assertThat(raw.error(0, Nbd.CMD_BLOCK_STATUS, 0, SIZE)).isEqualTo(Nbd.EINVAL);
                return;
            }
            raw.request(0, Nbd.CMD_BLOCK_STATUS, 1, 512, SIZE - 512);
            assertThat(raw.answer(0).runs())
                    .containsExactly(new long[] {SIZE / 2 - 512, 0}, new long[] {SIZE / 2, Nbd.STATE_HOLE});
            raw.request(Nbd.FLAG_REQ_ONE, Nbd.CMD_BLOCK_STATUS, 2, 0, SIZE);
            assertThat(raw.answer(0).runs()).containsExactly(new long[] {SIZE / 2, 0});
            raw.request(Nbd.FLAG_REQ_ONE, Nbd.CMD_BLOCK_STATUS, 3, SIZE - 1, 1);
            assertThat(raw.answer(0).runs()).containsExactly(new long[] {1, Nbd.STATE_HOLE});
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatIsOutsideBeforeAnyInputOrOutput(Form form) throws IOException {
        try (RawNbd raw = connect(form)) {
            long[][] outside = {
                {SIZE, 1}, {SIZE - 1, 2}, {0, SIZE + 1L}, {-1, 1}, {Long.MIN_VALUE, 4096}, {Long.MAX_VALUE, 4096}
            };
            for (long[] range : outside) {
                assertThat(raw.error(0, Nbd.CMD_READ, range[0], range[1])).isEqualTo(Nbd.EINVAL);
                assertThat(raw.error(0, Nbd.CMD_TRIM, range[0], range[1])).isEqualTo(Nbd.EINVAL);
                assertThat(raw.error(0, Nbd.CMD_CACHE, range[0], range[1])).isEqualTo(Nbd.EINVAL);
                assertThat(raw.error(0, Nbd.CMD_BLOCK_STATUS, range[0], range[1]))
                        .isEqualTo(Nbd.EINVAL);
                assertThat(raw.error(0, Nbd.CMD_WRITE_ZEROES, range[0], range[1]))
                        .isEqualTo(Nbd.ENOSPC);
                assertThat(raw.error(Nbd.FLAG_FAST_ZERO, Nbd.CMD_WRITE_ZEROES, range[0], range[1]))
                        .isEqualTo(Nbd.ENOSPC);
            }
            raw.write(0, 3, SIZE - 4096, new byte[4097]);
            assertThat(raw.answer(0).error()).isEqualTo(Nbd.ENOSPC);
            assertThat(device.calls).hasValue(0);
            assertThat(raw.read(0, 1)).as("still in step").isEqualTo(new byte[] {device.bytes[0]});
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesEmptyRequests(Form form) throws IOException {
        try (RawNbd raw = connect(form)) {
            int payload = form == Form.EXTENDED ? Nbd.FLAG_PAYLOAD_LEN : 0;
            for (int command : new int[] {
                Nbd.CMD_READ, Nbd.CMD_WRITE, Nbd.CMD_TRIM, Nbd.CMD_CACHE, Nbd.CMD_WRITE_ZEROES, Nbd.CMD_BLOCK_STATUS
            }) {
                assertThat(raw.error(command == Nbd.CMD_WRITE ? payload : 0, command, 0, 0))
                        .as("command %d", command)
                        .isEqualTo(Nbd.EINVAL);
            }
            assertThat(raw.error(0, Nbd.CMD_FLUSH, 0, 1)).isEqualTo(Nbd.EINVAL);
            assertThat(raw.error(0, Nbd.CMD_FLUSH, 1, 0)).isEqualTo(Nbd.EINVAL);
            assertThat(device.calls).hasValue(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesFlagsThatACommandDoesNotHave(Form form) throws IOException {
        try (RawNbd raw = connect(form)) {
            int df = form == Form.SIMPLE ? 0 : Nbd.FLAG_DF;
            int[][] allowed = {
                {Nbd.CMD_READ, Nbd.FLAG_FUA | df},
                {Nbd.CMD_FLUSH, Nbd.FLAG_FUA},
                {Nbd.CMD_TRIM, Nbd.FLAG_FUA},
                {Nbd.CMD_CACHE, Nbd.FLAG_FUA},
                {Nbd.CMD_WRITE_ZEROES, Nbd.FLAG_FUA | Nbd.FLAG_NO_HOLE | Nbd.FLAG_FAST_ZERO},
                {Nbd.CMD_BLOCK_STATUS, Nbd.FLAG_FUA | Nbd.FLAG_REQ_ONE}
            };
            for (int[] command : allowed) {
                for (int bit = 1; bit < 1 << 16; bit <<= 1) {
                    if ((command[1] & bit) != 0 || (form == Form.EXTENDED && bit == Nbd.FLAG_PAYLOAD_LEN)) {
                        continue;
                    }
                    long length = command[0] == Nbd.CMD_FLUSH ? 0 : 4096;
                    assertThat(raw.error(bit, command[0], 0, length))
                            .as("command %d, flag %x", command[0], bit)
                            .isEqualTo(Nbd.EINVAL);
                }
            }
            for (int bit = 2; bit < 1 << 16; bit <<= 1) {
                if (bit != Nbd.FLAG_PAYLOAD_LEN || form != Form.EXTENDED) {
                    raw.write(bit, 4, 0, new byte[100]);
                    assertThat(raw.answer(0).error()).isEqualTo(Nbd.EINVAL);
                }
            }
            assertThat(device.calls).hasValue(0);
            assertThat(raw.read(0, 1)).as("still in step").isEqualTo(new byte[] {device.bytes[0]});
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesUnknownCommandsAndGoesOn(Form form) throws IOException {
        try (RawNbd raw = connect(form)) {
            for (int command : new int[] {8, 9, 255, 0xffff}) {
                assertThat(raw.error(0, command, 0, 4096)).isEqualTo(Nbd.EINVAL);
            }
            assertThat(raw.read(0, 1)).isEqualTo(new byte[] {device.bytes[0]});
        }
    }

    @ParameterizedTest
    @EnumSource(names = "EXTENDED")
    void payloadsOfExtendedRequestsAreDrainedAlsoWhereTheyDoNotBelong(Form form) throws IOException {
        try (RawNbd raw = connect(form)) {
            for (int command : new int[] {Nbd.CMD_READ, Nbd.CMD_TRIM, Nbd.CMD_BLOCK_STATUS, 99}) {
                assertThat(raw.error(Nbd.FLAG_PAYLOAD_LEN, command, 0, 512, new byte[512]))
                        .isEqualTo(Nbd.EINVAL);
            }
            // a write that does not say that its payload follows
            raw.request(0, Nbd.CMD_WRITE, 1, 0, 512, new byte[512]);
            assertThat(raw.answer(0).error()).isEqualTo(Nbd.EINVAL);
            assertThat(raw.error(0, Nbd.CMD_TRIM, 0, 1L << 40)).isEqualTo(Nbd.EINVAL);
            assertThat(raw.error(0, Nbd.CMD_WRITE_ZEROES, 0, -1)).isEqualTo(Nbd.ENOSPC);
            assertThat(device.calls).hasValue(0);
            assertThat(raw.read(0, 1)).isEqualTo(new byte[] {device.bytes[0]});
        }
    }

    @ParameterizedTest
    @EnumSource
    void limitsWhatOneRequestAsksFor(Form form) throws IOException {
        try (RawNbd raw = connect(form)) {
            assertThat(raw.error(0, Nbd.CMD_READ, 0, (32 << 20) + 1)).isEqualTo(Nbd.EINVAL);
            if (form != Form.SIMPLE) {
                assertThat(raw.error(Nbd.FLAG_DF, Nbd.CMD_READ, 0, (512 << 10) + 1))
                        .isEqualTo(Nbd.EOVERFLOW);
                raw.request(Nbd.FLAG_DF, Nbd.CMD_READ, 1, 1, 512 << 10);
                RawNbd.Answer answer = raw.answer(0);
                assertThat(answer.chunks()).isEqualTo(1);
                assertThat(answer.bytes()).isEqualTo(Arrays.copyOfRange(device.bytes, 1, 1 + (512 << 10)));
            }
            // more than a server should drain
            int flags = form == Form.EXTENDED ? Nbd.FLAG_PAYLOAD_LEN : 0;
            raw.request(flags, Nbd.CMD_WRITE, 2, 0, (32 << 20) + 1, new byte[100]);
            assertThat(raw.closedByServer()).isTrue();
            assertThat(device.bytes[0]).isNotZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void hangsUpOnAWrongMagic(Form form) throws IOException {
        try (RawNbd raw = connect(form)) {
            raw.out.write(new byte[32]);
            assertThat(raw.closedByServer()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesWritesOfAReadOnlyExport(Form form) throws IOException {
        device.writesRefused = true;
        for (boolean exported : new boolean[] {false, true}) {
            server.close();
            server = server(exported);
            try (RawNbd raw = connect(form)) {
                raw.write(0, 3, 0, new byte[4096]);
                assertThat(raw.answer(0).error()).isEqualTo(Nbd.EPERM);
                assertThat(raw.error(0, Nbd.CMD_TRIM, 0, 4096)).isEqualTo(Nbd.EPERM);
                assertThat(raw.error(0, Nbd.CMD_WRITE_ZEROES, 0, 4096)).isEqualTo(Nbd.EPERM);
                assertThat(raw.error(Nbd.FLAG_FAST_ZERO, Nbd.CMD_WRITE_ZEROES, 0, 4096))
                        .isEqualTo(Nbd.EPERM);
                assertThat(device.calls).hasValue(0);
                assertThat(raw.error(0, Nbd.CMD_FLUSH, 0, 0)).isZero();
                device.calls.set(0);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void answersFailuresOfTheDisk(Form form) throws IOException {
        for (boolean now : new boolean[] {true, false}) {
            device.now = now;
            try (RawNbd raw = connect(form)) {
                for (String[] words : new String[][] {
                    {"Input/output error", "5"},
                    {"No space left on device", "28"},
                    {"Disk quota exceeded", "28"},
                    {"File too large", "28"}
                }) {
                    int expected = Integer.parseInt(words[1]);
                    device.failure = new IOException(words[0]);
                    raw.write(0, 1, 0, new byte[4096]);
                    assertThat(raw.answer(0).error()).isEqualTo(expected);
                    raw.write(Nbd.FLAG_FUA, 1, 0, new byte[3 << 20]);
                    assertThat(raw.answer(0).error()).isEqualTo(expected);
                    assertThat(raw.error(0, Nbd.CMD_WRITE_ZEROES, 0, 9 << 20)).isEqualTo(expected);
                }
                device.failure = new IOException("Input/output error");
                assertThat(raw.error(0, Nbd.CMD_READ, 0, 4096)).isEqualTo(Nbd.EIO);
                assertThat(raw.error(0, Nbd.CMD_READ, 0, 4 << 20)).isEqualTo(Nbd.EIO);
                assertThat(raw.error(0, Nbd.CMD_TRIM, 0, 4096)).isEqualTo(Nbd.EIO);
                device.failure = null;
                assertThat(raw.read(0, 1)).isEqualTo(new byte[] {device.bytes[0]});
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFailureInTheMiddleOfALongReadIsNoSuccess(Form form) throws IOException {
        for (boolean now : new boolean[] {true, false}) {
            device.now = now;
            device.failsFrom = 2 << 20;
            device.failure = new IOException("Input/output error");
            try (RawNbd raw = connect(form)) {
                raw.request(0, Nbd.CMD_READ, 5, 0, 4 << 20);
                if (form == Form.SIMPLE) {
                    assertThat(raw.in.readInt()).isEqualTo(Nbd.SIMPLE_REPLY_MAGIC);
                    assertThat(raw.in.readAllBytes().length).isLessThan(12 + (4 << 20));
                } else {
                    assertThat(raw.answer(0).error()).isEqualTo(Nbd.EIO);
                    assertThat(raw.error(0, Nbd.CMD_READ, 0, 4096)).isZero();
                }
            }
            device.failure = null;
        }
    }

    @ParameterizedTest
    @EnumSource
    void answersManyRequestsAtOnceEachWithItsCookie(Form form) throws IOException {
        for (boolean now : new boolean[] {true, false}) {
            device.now = now;
            try (RawNbd raw = connect(form)) {
                for (int i = 0; i < 300; i++) {
                    raw.request(0, Nbd.CMD_READ, i, i * 4096L, 4096);
                }
                boolean[] answered = new boolean[300];
                for (int i = 0; i < 300; i++) {
                    RawNbd.Answer answer = raw.answer(4096);
                    int cookie = (int) answer.cookie();
                    assertThat(answered[cookie]).isFalse();
                    answered[cookie] = true;
                    assertThat(answer.bytes())
                            .isEqualTo(Arrays.copyOfRange(device.bytes, cookie * 4096, (cookie + 1) * 4096));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void disconnectAnswersWhatIsUnderWayFirst(Form form) throws IOException {
        device.now = false;
        device.gate = new CountDownLatch(1);
        try (RawNbd raw = connect(form)) {
            raw.write(0, 41, 0, new byte[] {1, 2, 3});
            raw.request(0, Nbd.CMD_DISC, 42, 0, 0);
            raw.request(0, Nbd.CMD_READ, 43, 0, 1);
            device.gate.countDown();
            assertThat(raw.answer(0).cookie()).isEqualTo(41);
            assertThat(raw.closedByServer()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void closingAnswersWhatIsUnderWayAndRefusesTheRest(Form form) throws Exception {
        device.now = false;
        device.gate = new CountDownLatch(1);
        try (RawNbd raw = connect(form);
                RawNbd idle = connect(form)) {
            raw.write(0, 41, 0, new byte[] {1, 2, 3});
            while (device.calls.get() == 0) {
                Thread.onSpinWait();
            }
            Thread closing = Thread.ofPlatform().start(server::close);
            // its connections are idle, so this one ends; by then the other knows too
            assertThat(idle.closedByServer()).isTrue();
            int error = 0;
            for (int attempt = 0; attempt < 1000 && error == 0; attempt++) {
                error = raw.error(0, Nbd.CMD_CACHE, 0, 1);
            }
            assertThat(error).isEqualTo(Nbd.ESHUTDOWN);
            device.gate.countDown();
            assertThat(raw.answer(0)).returns(41L, RawNbd.Answer::cookie).returns(0, RawNbd.Answer::error);
            assertThat(raw.closedByServer()).isTrue();
            closing.join();
            assertThat(device.bytes).startsWith(1, 2, 3);
        }
    }
}

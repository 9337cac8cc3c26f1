package dev.sallyport.volume.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.volume.testing.MemoryDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The fixed newstyle handshake, option by option, without TLS. */
class HandshakeTest {
    private static final int SIZE = 1 << 20;
    private static final int WRITABLE = Nbd.HAS_FLAGS
            | Nbd.SEND_FLUSH
            | Nbd.SEND_FUA
            | Nbd.SEND_TRIM
            | Nbd.SEND_WRITE_ZEROES
            | Nbd.CAN_MULTI_CONN
            | Nbd.SEND_CACHE
            | Nbd.SEND_FAST_ZERO;

    private NbdServer server;

    @BeforeEach
    void serve() throws IOException {
        server = NbdServer.onTcp(
                new Export("vol", "a volume", new MemoryDevice(SIZE), false),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null);
    }

    @AfterEach
    void end() {
        server.close();
    }

    @Test
    void listsTheExport() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            List<RawNbd.OptionReply> replies = raw.replies(Nbd.OPT_LIST);
            assertThat(replies).extracting(RawNbd.OptionReply::type).containsExactly(Nbd.REP_SERVER, Nbd.REP_ACK);
            assertThat(replies.getFirst().text(0, 15)).isEqualTo("\0\0\0\3vola volume");
            assertThat(raw.ask(Nbd.OPT_LIST, (byte) 1)).isEqualTo(Nbd.REP_ERR_INVALID);
        }
    }

    @Test
    void saysSizeFlagsBlockSizesNameAndDescription() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            List<RawNbd.OptionReply> replies =
                    raw.replies(Nbd.OPT_INFO, RawNbd.info("", Nbd.INFO_NAME, Nbd.INFO_DESCRIPTION, 999));
            assertThat(replies)
                    .extracting(RawNbd.OptionReply::type)
                    .containsExactly(Nbd.REP_INFO, Nbd.REP_INFO, Nbd.REP_INFO, Nbd.REP_INFO, Nbd.REP_ACK);
            ByteBuffer export = replies.get(0).data();
            assertThat(export.getShort()).isEqualTo((short) Nbd.INFO_EXPORT);
            assertThat(export.getLong()).isEqualTo(SIZE);
            assertThat((int) export.getShort()).isEqualTo(WRITABLE);
            ByteBuffer sizes = replies.get(1).data();
            assertThat(sizes.getShort()).isEqualTo((short) Nbd.INFO_BLOCK_SIZE);
            assertThat(sizes.getInt()).isEqualTo(1);
            assertThat(sizes.getInt()).isEqualTo(4096);
            assertThat(sizes.getInt()).isEqualTo(32 << 20);
            assertThat(replies.get(2).text(2, 3)).isEqualTo("vol");
            assertThat(replies.get(3).text(2, 8)).isEqualTo("a volume");
            // INFO is no choice: others may follow
            assertThat(raw.ask(Nbd.OPT_STRUCTURED_REPLY)).isEqualTo(Nbd.REP_ACK);
            ByteBuffer again =
                    raw.replies(Nbd.OPT_INFO, RawNbd.info("vol")).getFirst().data();
            assertThat((int) again.getShort(10)).isEqualTo(WRITABLE | Nbd.SEND_DF);
        }
    }

    @Test
    void goLeadsToTransmission() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            assertThat(raw.ask(Nbd.OPT_GO, RawNbd.info("other"))).isEqualTo(Nbd.REP_ERR_UNKNOWN);
            assertThat(raw.ask(Nbd.OPT_GO, RawNbd.info("vol"))).isEqualTo(Nbd.REP_ACK);
            assertThat(raw.read(0, 512)).isEqualTo(new byte[512]);
        }
    }

    @Test
    void exportNameAnswersWithZeroesUnlessTheyAreDeclined() throws IOException {
        for (boolean zeroes : new boolean[] {true, false}) {
            try (RawNbd raw = new RawNbd(server.port())) {
                raw.greet(Nbd.FIXED_NEWSTYLE | (zeroes ? 0 : Nbd.NO_ZEROES));
                raw.option(Nbd.OPT_EXPORT_NAME, 3, "vol".getBytes(StandardCharsets.UTF_8));
                assertThat(raw.in.readLong()).isEqualTo(SIZE);
                assertThat(raw.in.readUnsignedShort()).isEqualTo(WRITABLE);
                if (zeroes) {
                    assertThat(raw.in.readNBytes(124)).isEqualTo(new byte[124]);
                }
                assertThat(raw.read(0, 1)).isEqualTo(new byte[1]);
            }
        }
    }

    @Test
    void exportNameThatIsUnknownOrMalformedEndsTheConnection() throws IOException {
        for (byte[] name : new byte[][] {"other".getBytes(StandardCharsets.UTF_8), {(byte) 0xff}, {'v', 0}}) {
            try (RawNbd raw = RawNbd.greeted(server.port())) {
                raw.option(Nbd.OPT_EXPORT_NAME, name.length, name);
                assertThat(raw.closedByServer()).isTrue();
            }
        }
    }

    @Test
    void exportNameDoesNotGoWithExtendedHeaders() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            assertThat(raw.ask(Nbd.OPT_EXTENDED_HEADERS)).isEqualTo(Nbd.REP_ACK);
            raw.option(Nbd.OPT_EXPORT_NAME, 0);
            assertThat(raw.closedByServer()).isTrue();
        }
    }

    @Test
    void abortIsAcknowledgedAndEnds() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            assertThat(raw.ask(Nbd.OPT_ABORT)).isEqualTo(Nbd.REP_ACK);
            assertThat(raw.closedByServer()).isTrue();
        }
    }

    @Test
    void answersUnknownOptionsAndGoesOn() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            for (int option : new int[] {0, 4, 12, 99, -1, Integer.MIN_VALUE}) {
                assertThat(raw.ask(option, new byte[100])).isEqualTo(Nbd.REP_ERR_UNSUP);
            }
            assertThat(raw.ask(Nbd.OPT_GO, RawNbd.info(""))).isEqualTo(Nbd.REP_ACK);
        }
    }

    @Test
    void startTlsIsRefusedWhereThereIsNone() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            assertThat(raw.ask(Nbd.OPT_STARTTLS)).isEqualTo(Nbd.REP_ERR_POLICY);
            assertThat(raw.ask(Nbd.OPT_GO, RawNbd.info(""))).isEqualTo(Nbd.REP_ACK);
        }
    }

    @Test
    void extendedHeadersRuleOutStructuredReplies() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            assertThat(raw.ask(Nbd.OPT_STRUCTURED_REPLY, (byte) 1)).isEqualTo(Nbd.REP_ERR_INVALID);
            assertThat(raw.ask(Nbd.OPT_EXTENDED_HEADERS, (byte) 1)).isEqualTo(Nbd.REP_ERR_INVALID);
            assertThat(raw.ask(Nbd.OPT_STRUCTURED_REPLY)).isEqualTo(Nbd.REP_ACK);
            assertThat(raw.ask(Nbd.OPT_EXTENDED_HEADERS)).isEqualTo(Nbd.REP_ACK);
            assertThat(raw.ask(Nbd.OPT_STRUCTURED_REPLY)).isEqualTo(Nbd.REP_ERR_EXT_HEADER_REQD);
        }
    }

    @Test
    void metadataContexts() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            assertThat(raw.ask(Nbd.OPT_SET_META_CONTEXT, RawNbd.contexts("", Nbd.BASE_ALLOCATION)))
                    .as("before structured replies")
                    .isEqualTo(Nbd.REP_ERR_INVALID);
            assertThat(raw.ask(Nbd.OPT_STRUCTURED_REPLY)).isEqualTo(Nbd.REP_ACK);
            for (String[] queries : new String[][] {{}, {"base:"}, {"x:y", Nbd.BASE_ALLOCATION}}) {
                List<RawNbd.OptionReply> listed =
                        raw.replies(Nbd.OPT_LIST_META_CONTEXT, RawNbd.contexts("vol", queries));
                assertThat(listed)
                        .extracting(RawNbd.OptionReply::type)
                        .containsExactly(Nbd.REP_META_CONTEXT, Nbd.REP_ACK);
                assertThat(listed.getFirst().text(4, 15)).isEqualTo(Nbd.BASE_ALLOCATION);
            }
            assertThat(raw.replies(Nbd.OPT_LIST_META_CONTEXT, RawNbd.contexts("vol", "qemu:")))
                    .hasSize(1);
            for (String[] queries : new String[][] {{}, {"base:"}, {"x:y"}}) {
                assertThat(raw.replies(Nbd.OPT_SET_META_CONTEXT, RawNbd.contexts("vol", queries)))
                        .hasSize(1);
            }
            assertThat(raw.ask(Nbd.OPT_SET_META_CONTEXT, RawNbd.contexts("other", Nbd.BASE_ALLOCATION)))
                    .isEqualTo(Nbd.REP_ERR_UNKNOWN);
            assertThat(raw.replies(Nbd.OPT_SET_META_CONTEXT, RawNbd.contexts("vol", Nbd.BASE_ALLOCATION)))
                    .hasSize(2);
        }
    }

    @Test
    void aContextHoldsForTheExportNameThatItWasSetForOnly() throws IOException {
        for (String name : new String[] {"vol", ""}) {
            try (RawNbd raw = RawNbd.greeted(server.port())) {
                raw.structured = true;
                assertThat(raw.ask(Nbd.OPT_STRUCTURED_REPLY)).isEqualTo(Nbd.REP_ACK);
                raw.ask(Nbd.OPT_SET_META_CONTEXT, RawNbd.contexts("vol", Nbd.BASE_ALLOCATION));
                assertThat(raw.ask(Nbd.OPT_GO, RawNbd.info(name))).isEqualTo(Nbd.REP_ACK);
                assertThat(raw.error(0, Nbd.CMD_BLOCK_STATUS, 0, 4096)).isEqualTo(name.equals("vol") ? 0 : Nbd.EINVAL);
            }
        }
    }

    @Test
    void aLaterSetMetaContextReplacesTheEarlierEvenWhenItFails() throws IOException {
        for (byte[] later : new byte[][] {RawNbd.contexts("vol"), RawNbd.contexts("other"), {1, 2, 3}}) {
            try (RawNbd raw = RawNbd.greeted(server.port())) {
                raw.structured = true;
                assertThat(raw.ask(Nbd.OPT_STRUCTURED_REPLY)).isEqualTo(Nbd.REP_ACK);
                raw.ask(Nbd.OPT_SET_META_CONTEXT, RawNbd.contexts("vol", Nbd.BASE_ALLOCATION));
                raw.ask(Nbd.OPT_SET_META_CONTEXT, later);
                assertThat(raw.ask(Nbd.OPT_GO, RawNbd.info("vol"))).isEqualTo(Nbd.REP_ACK);
                assertThat(raw.error(0, Nbd.CMD_BLOCK_STATUS, 0, 4096)).isEqualTo(Nbd.EINVAL);
            }
        }
    }

    @Test
    void refusesMalformedOptionData() throws IOException {
        byte[] longName = new byte[4101];
        ByteBuffer.wrap(longName).putInt(4097);
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            for (byte[] data : new byte[][] {
                {},
                {0, 0},
                {0, 0, 0, 9},
                {0, 0, 0, 0},
                {0, 0, 0, 0, 0, 1},
                {0, 0, 0, 0, 0, 0, 7},
                {-1, -1, -1, -1, 0, 0},
                {0, 0, 0, 1, 0, 0, 0},
                {0, 0, 0, 1, (byte) 0xc0, 0, 0},
                longName
            }) {
                assertThat(raw.ask(Nbd.OPT_GO, data)).isEqualTo(Nbd.REP_ERR_INVALID);
                assertThat(raw.ask(Nbd.OPT_INFO, data)).isEqualTo(Nbd.REP_ERR_INVALID);
            }
            assertThat(raw.ask(Nbd.OPT_LIST_META_CONTEXT, new byte[] {0, 0, 0, 0, 0x7f, 0, 0, 0}))
                    .isEqualTo(Nbd.REP_ERR_INVALID);
            assertThat(raw.ask(Nbd.OPT_GO, RawNbd.info(""))).isEqualTo(Nbd.REP_ACK);
        }
    }

    @Test
    void refusesOptionsThatAreTooLongWithoutReadingThem() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            raw.option(Nbd.OPT_GO, -1);
            assertThat(raw.in.readLong()).isEqualTo(Nbd.OPTION_REPLY_MAGIC);
            assertThat(raw.in.readInt()).isEqualTo(Nbd.OPT_GO);
            assertThat(raw.in.readInt()).isEqualTo(Nbd.REP_ERR_TOO_BIG);
            assertThat(raw.in.readInt()).isZero();
            assertThat(raw.closedByServer()).isTrue();
        }
    }

    @Test
    void hangsUpOnUnknownClientFlags() throws IOException {
        try (RawNbd raw = new RawNbd(server.port())) {
            raw.greet(Nbd.FIXED_NEWSTYLE | 4);
            assertThat(raw.closedByServer()).isTrue();
        }
    }

    @Test
    void hangsUpOnAWrongMagic() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            raw.out.writeLong(Nbd.OPTION_MAGIC + 1);
            raw.out.writeLong(0);
            assertThat(raw.closedByServer()).isTrue();
        }
    }

    @Test
    void hangsUpOnOptionsWithoutEnd() throws IOException {
        try (RawNbd raw = RawNbd.greeted(server.port())) {
            int answered = 0;
            while (raw.ask(99) == Nbd.REP_ERR_UNSUP) {
                answered++;
            }
            assertThat(answered).isEqualTo(1024);
            assertThat(raw.closedByServer()).isTrue();
        }
    }

    @Test
    void refusesConnectionsBeyondItsBound() throws Exception {
        List<RawNbd> all = new java.util.ArrayList<>();
        try {
            for (int i = 0; i < 64; i++) {
                all.add(RawNbd.greeted(server.port()));
            }
            try (RawNbd more = new RawNbd(server.port())) {
                assertThat(more.closedByServer()).isTrue();
            }
            all.removeLast().close();
            awaitRoom();
        } finally {
            for (RawNbd raw : all) {
                raw.close();
            }
        }
    }

    private void awaitRoom() throws Exception {
        for (int attempt = 1; ; attempt++) {
            try (RawNbd raw = RawNbd.greeted(server.port())) {
                assertThat(raw.ask(99)).isEqualTo(Nbd.REP_ERR_UNSUP);
                return;
            } catch (IOException e) {
                if (attempt == 100) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }
}

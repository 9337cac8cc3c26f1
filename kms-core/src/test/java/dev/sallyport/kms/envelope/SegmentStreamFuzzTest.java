package dev.sallyport.kms.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.kms.crypto.AuthenticationFailedException;
import dev.sallyport.kms.crypto.SecretBytes;
import java.util.Arrays;

/**
 * A sealed stream, changed in any way: a segment opens to what was sealed there, or to nothing. Without JAZZER_FUZZ=1 in the
 * environment the committed inputs are replayed only.
 */
class SegmentStreamFuzzTest {
    private static final SecretBytes KEY = SecretBytes.copyOf(new byte[32]);
    private static final byte[] INFO = {1};
    private static final int SEALED = SegmentLayout.SEALED_SEGMENT_BYTES;
    private static final int LAST = 300;
    private static final byte[] PLAIN = plain();
    private static final byte[] STREAM = stream();

    private static byte[] plain() {
        byte[] plain = new byte[2 * SegmentLayout.SEGMENT_BYTES + LAST];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (byte) (i * 31 + 1);
        }
        return plain;
    }

    private static byte[] stream() {
        byte[] stream = new byte[2 * SEALED + LAST + 16];
        try (Sealer sealer = new Sealer(KEY, INFO)) {
            int segment = SegmentLayout.SEGMENT_BYTES;
            sealer.seal(PLAIN, 0, segment, false, stream, 0);
            sealer.seal(PLAIN, segment, segment, false, stream, SEALED);
            sealer.seal(PLAIN, 2 * segment, LAST, true, stream, 2 * SEALED);
        }
        return stream;
    }

    @FuzzTest(maxDuration = "2m")
    void changedStreams(FuzzedDataProvider data) {
        byte[] stream = STREAM.clone();
        for (int i = data.consumeInt(0, 3); i > 0; i--) {
            int at = data.consumeInt(0, stream.length - 1);
            switch (data.consumeInt(0, 2)) {
                case 0 -> stream[at] ^= data.consumeByte();
                case 1 -> {
                    int to = data.consumeInt(0, stream.length - 1);
                    System.arraycopy(STREAM, at, stream, to, stream.length - Math.max(at, to));
                }
                default -> {
                    byte[] bytes = data.consumeBytes(64);
                    System.arraycopy(bytes, 0, stream, at, Math.min(bytes.length, stream.length - at));
                }
            }
        }
        int offset = data.consumeInt(0, stream.length);
        int length = data.consumeInt(0, Math.min(SEALED + 1, stream.length - offset));
        long index = data.consumeLong(0, 4);
        boolean last = data.consumeBoolean();
        open(stream, offset, length, index, last);
        // The segments where they belong.
        open(stream, 0, SEALED, 0, false);
        open(stream, SEALED, SEALED, 1, false);
        open(stream, 2 * SEALED, LAST + 16, 2, true);
    }

    private static void open(byte[] stream, int offset, int length, long index, boolean last) {
        byte[] opened = new byte[Math.max(0, length - 16)];
        Arrays.fill(opened, (byte) 0x5a);
        try (Opener opener = new Opener(KEY, INFO)) {
            int count = opener.open(stream, offset, length, index, last, opened, 0);
            int at = (int) (index * SegmentLayout.SEGMENT_BYTES);
            assertThat(last).isEqualTo(index == 2);
            assertThat(count).isEqualTo(last ? LAST : SegmentLayout.SEGMENT_BYTES);
            assertThat(Arrays.equals(opened, 0, count, PLAIN, at, at + count)).isTrue();
        } catch (AuthenticationFailedException e) {
            int from = (int) index * SEALED;
            boolean unchanged = index <= 2
                    && length == (index == 2 ? LAST + 16 : SEALED)
                    && last == (index == 2)
                    && Arrays.equals(stream, offset, offset + length, STREAM, from, from + length);
            assertThat(unchanged).isFalse();
        }
    }
}

package dev.sallyport.kms.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.crypto.ProviderTest;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.envelope.EnvelopeException.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EnvelopeTest {
    private static final EncryptionContext CONTEXT =
            EncryptionContext.of("team", "blue").with("purpose", "tests, ü");

    private final KeyFileMasterKey one = key();
    private final KeyFileMasterKey two = key();
    private final KeyFileMasterKey three = key();

    private static KeyFileMasterKey key() {
        try (SecretBytes key = SecretBytes.random(32)) {
            return new KeyFileMasterKey(key);
        }
    }

    @AfterEach
    void wipe() {
        List.of(one, two, three).forEach(KeyFileMasterKey::close);
    }

    private EnvelopeWriter writer(EnvelopePlan plan, Combination combination) {
        EnvelopeWriter writer = switch (combination) {
            case SINGLE -> EnvelopeWriter.anyOf(List.of(one));
            case ANY_OF -> EnvelopeWriter.anyOf(List.of(one, two, three));
            case ALL_OF -> EnvelopeWriter.allOf(List.of(one, two, three));
        };
        return (plan == EnvelopePlan.CASCADE ? writer.cascade() : writer).context(CONTEXT);
    }

    @ProviderTest
    void opensWhatItSealedAtEverySize() throws IOException {
        for (EnvelopePlan plan : EnvelopePlan.values()) {
            int full = plan.segmentBytes();
            for (int size :
                    new int[] {0, 1, 16, full - 1, full, full + 1, 2 * full - 1, 2 * full, 2 * full + 1, 3 * full}) {
                byte[] plaintext = Envelopes.plaintext(size);
                byte[] envelope = Envelopes.seal(writer(plan, Combination.ANY_OF), plaintext);
                assertThat(Envelopes.open(envelope, two)).isEqualTo(plaintext);
                EnvelopeHeader header = EnvelopeHeader.read(new ByteArrayInputStream(envelope));
                assertThat(header.length() + plan.sealedLength(size)).isEqualTo(envelope.length);
                assertThat(header.plaintextLength(envelope.length)).isEqualTo(size);
            }
        }
    }

    @Test
    void streamsThatTrickleMakeTheSame() throws IOException {
        byte[] plaintext = Envelopes.plaintext(200_000);
        for (EnvelopePlan plan : EnvelopePlan.values()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            writer(plan, Combination.SINGLE).seal(Envelopes.trickling(plaintext), out);
            try (InputStream in = EnvelopeReader.with(List.of(one)).open(Envelopes.trickling(out.toByteArray()))) {
                ByteArrayOutputStream opened = new ByteArrayOutputStream();
                for (int b = in.read(); b >= 0; b = in.read()) {
                    opened.write(b);
                }
                assertThat(opened.toByteArray()).isEqualTo(plaintext);
                assertThat(in.read(new byte[10], 0, 10)).isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(EnvelopePlan.class)
    void anyOfSeveralKeysOpensAlone(EnvelopePlan plan) throws IOException {
        byte[] envelope = Envelopes.seal(writer(plan, Combination.ANY_OF), Envelopes.plaintext(10));
        for (KeyUnwrapper key : List.of(one, two, three)) {
            assertThat(Envelopes.open(envelope, key)).isEqualTo(Envelopes.plaintext(10));
        }
        assertThat(Envelopes.refusal(envelope, key())).isEqualTo(Reason.NO_KEY);
        assertThat(Envelopes.refusal(envelope)).isEqualTo(Reason.NO_KEY);
    }

    @ParameterizedTest
    @EnumSource(EnvelopePlan.class)
    void noneShortOfAllOpens(EnvelopePlan plan) throws IOException {
        byte[] envelope = Envelopes.seal(writer(plan, Combination.ALL_OF), Envelopes.plaintext(10));
        assertThat(Envelopes.open(envelope, three, one, two)).isEqualTo(Envelopes.plaintext(10));
        List<KeyUnwrapper> all = List.of(one, two, three);
        for (int missing = 0; missing < 3; missing++) {
            List<KeyUnwrapper> most = new ArrayList<>(all);
            KeyUnwrapper gone = most.remove(missing);
            assertThat(Envelopes.refusal(envelope, most.toArray(KeyUnwrapper[]::new)))
                    .isEqualTo(Reason.NO_KEY);
            assertThat(Envelopes.refusal(envelope, gone)).isEqualTo(Reason.NO_KEY);
            // one who gives another share in its place opens nothing either
            KeyUnwrapper liar = new Guess(gone);
            most.add(liar);
            assertThat(Envelopes.refusal(envelope, most.toArray(KeyUnwrapper[]::new)))
                    .isEqualTo(Reason.ALTERED);
        }
    }

    /** Gives 32 bytes of its own for what another key would open. */
    private record Guess(KeyUnwrapper other) implements KeyUnwrapper {
        @Override
        public boolean accepts(KeyWrap wrap) {
            return other.accepts(wrap);
        }

        @Override
        public SecretBytes unwrap(KeyWrap wrap, EncryptionContext context) {
            return SecretBytes.random(32);
        }
    }

    @Test
    void aWrapOfAnotherDataKeyIsPassedOver() throws IOException {
        byte[] envelope = Envelopes.seal(writer(EnvelopePlan.AES_256_GCM, Combination.ANY_OF), Envelopes.plaintext(10));
        assertThat(Envelopes.open(envelope, new Guess(one), two)).isEqualTo(Envelopes.plaintext(10));
        assertThat(Envelopes.refusal(envelope, new Guess(one))).isEqualTo(Reason.NO_KEY);
    }

    @ParameterizedTest
    @EnumSource(Combination.class)
    void everyAlteredByteOfTheHeaderIsRefused(Combination combination) throws IOException {
        for (EnvelopePlan plan : EnvelopePlan.values()) {
            byte[] envelope = Envelopes.seal(writer(plan, combination), Envelopes.plaintext(40));
            int length = EnvelopeHeader.read(new ByteArrayInputStream(envelope)).length();
            for (int at = 0; at < length; at++) {
                byte[] altered = envelope.clone();
                for (int flip : new int[] {1, 0x80}) {
                    altered[at] = (byte) (envelope[at] ^ flip);
                    assertThat(Envelopes.refusal(altered, one, two, three))
                            .as("byte " + at)
                            .isNotNull();
                }
            }
            assertThat(Envelopes.open(envelope.clone(), one, two, three)).isEqualTo(Envelopes.plaintext(40));
        }
    }

    @ParameterizedTest
    @EnumSource(EnvelopePlan.class)
    void everyAlteredPlaceOfTheBodyIsRefusedAndGivesNothingOfItsSegment(EnvelopePlan plan) throws IOException {
        int full = plan.segmentBytes();
        int sealed = full + plan.tagBytes();
        byte[] envelope = Envelopes.seal(writer(plan, Combination.SINGLE), Envelopes.plaintext(2 * full + 100));
        int begin = EnvelopeHeader.read(new ByteArrayInputStream(envelope)).length();
        for (int segment = 0; segment < 3; segment++) {
            int from = begin + segment * sealed;
            int to = Math.min(envelope.length, from + sealed);
            for (int at : new int[] {from, from + 1, (from + to) / 2, to - plan.tagBytes(), to - 17, to - 16, to - 1}) {
                byte[] altered = envelope.clone();
                altered[at] ^= 0x10;
                ByteArrayOutputStream got = new ByteArrayOutputStream();
                try (InputStream in = EnvelopeReader.with(List.of(one)).open(new ByteArrayInputStream(altered))) {
                    assertThatThrownBy(() -> in.transferTo(got)).isInstanceOf(EnvelopeException.class);
                    assertThatThrownBy(in::read).isInstanceOf(EnvelopeException.class);
                }
                assertThat(got.size()).isEqualTo(segment * full);
            }
        }
        assertThat(Envelopes.open(envelope.clone(), one)).isEqualTo(Envelopes.plaintext(2 * full + 100));
    }

    @ParameterizedTest
    @EnumSource(EnvelopePlan.class)
    void cutExtendedReorderedAndSplicedBodiesAreRefused(EnvelopePlan plan) throws IOException {
        int full = plan.segmentBytes();
        int sealed = full + plan.tagBytes();
        byte[] plaintext = Envelopes.plaintext(3 * full);
        byte[] envelope = Envelopes.seal(writer(plan, Combination.SINGLE), plaintext);
        int begin = EnvelopeHeader.read(new ByteArrayInputStream(envelope)).length();
        for (int length : new int[] {
            0,
            3,
            4,
            5,
            11,
            12,
            60,
            begin - 1,
            begin,
            begin + 1,
            begin + plan.tagBytes(),
            begin + sealed - 1,
            begin + sealed,
            begin + sealed + 1,
            begin + 2 * sealed,
            envelope.length - 1
        }) {
            assertThat(Envelopes.refusal(java.util.Arrays.copyOf(envelope, length), one))
                    .as("cut to " + length)
                    .isIn(Reason.ALTERED, Reason.MALFORMED);
        }
        for (int more : new int[] {1, plan.tagBytes(), sealed}) {
            assertThat(Envelopes.refusal(java.util.Arrays.copyOf(envelope, envelope.length + more), one))
                    .isEqualTo(Reason.ALTERED);
        }
        byte[] swapped = envelope.clone();
        System.arraycopy(envelope, begin, swapped, begin + sealed, sealed);
        System.arraycopy(envelope, begin + sealed, swapped, begin, sealed);
        assertThat(Envelopes.refusal(swapped, one)).isEqualTo(Reason.ALTERED);
        byte[] repeated = envelope.clone();
        System.arraycopy(envelope, begin, repeated, begin + sealed, sealed);
        assertThat(Envelopes.refusal(repeated, one)).isEqualTo(Reason.ALTERED);

        // a segment, a whole body and a header of another envelope of the same writer
        byte[] other = Envelopes.seal(writer(plan, Combination.SINGLE), plaintext);
        byte[] spliced = envelope.clone();
        System.arraycopy(other, begin, spliced, begin, sealed);
        assertThat(Envelopes.refusal(spliced, one)).isEqualTo(Reason.ALTERED);
        byte[] headed = other.clone();
        System.arraycopy(envelope, 0, headed, 0, begin);
        assertThat(Envelopes.refusal(headed, one)).isEqualTo(Reason.ALTERED);
        assertThat(Envelopes.open(other, one)).isEqualTo(plaintext);
    }

    @Test
    void removingAddingAndMovingWrapsIsRefused() throws IOException {
        EnvelopeWriter writer = writer(EnvelopePlan.AES_256_GCM, Combination.ANY_OF);
        byte[] envelope = Envelopes.seal(writer, Envelopes.plaintext(9));
        EnvelopeHeader header = EnvelopeHeader.read(new ByteArrayInputStream(envelope));
        List<KeyWrap> wraps = header.wraps();
        assertThat(Envelopes.open(forged(envelope, header, wraps), one))
                .as("control: the same wraps")
                .isEqualTo(Envelopes.plaintext(9));
        assertThat(Envelopes.refusal(forged(envelope, header, wraps.subList(0, 2)), one))
                .isEqualTo(Reason.ALTERED);
        List<KeyWrap> moved = List.of(wraps.get(1), wraps.get(0), wraps.get(2));
        assertThat(Envelopes.refusal(forged(envelope, header, moved), one)).isEqualTo(Reason.ALTERED);
        try (KeyFileMasterKey fourth = key();
                SecretBytes secret = SecretBytes.random(32)) {
            List<KeyWrap> more = new ArrayList<>(wraps);
            more.add(fourth.wrap(secret, CONTEXT));
            byte[] added = forged(envelope, header, more);
            assertThat(Envelopes.refusal(added, one)).isEqualTo(Reason.ALTERED);
            assertThat(Envelopes.refusal(added, fourth)).isEqualTo(Reason.NO_KEY);
        }
    }

    /** Another header before the same body, with the old MAC: what somebody without the data key can make. */
    private static byte[] forged(byte[] envelope, EnvelopeHeader header, List<KeyWrap> wraps) {
        byte[] bytes = HeaderCodec.encode(new EnvelopeHeader(
                header.plan(), header.combination(), header.rawId(), header.commitment(), header.context(), wraps));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes);
        out.write(envelope, header.length() - HeaderCodec.MAC_BYTES, envelope.length - header.length() + 32);
        return out.toByteArray();
    }

    @Test
    void aContextThatIsRequiredMustBeThere() throws IOException {
        byte[] envelope = Envelopes.seal(writer(EnvelopePlan.CASCADE, Combination.ANY_OF), Envelopes.plaintext(5));
        EnvelopeReader reader = EnvelopeReader.with(List.of(one));
        for (EncryptionContext right :
                List.of(EncryptionContext.EMPTY, EncryptionContext.of("team", "blue"), CONTEXT)) {
            assertThat(Envelopes.open(reader.requiring(right), envelope)).hasSize(5);
        }
        for (EncryptionContext wrong : List.of(
                EncryptionContext.of("team", "Blue"), EncryptionContext.of("Team", "blue"), CONTEXT.with("more", ""))) {
            assertThatThrownBy(() -> Envelopes.open(reader.requiring(wrong), envelope))
                    .isInstanceOfSatisfying(
                            EnvelopeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CONTEXT));
        }
    }

    @Test
    void whatMakesNoEnvelopeIsRefusedBeforeAnythingIsWritten() {
        KeyWrapper refusing = (key, context) -> {
            throw new KmsException(KmsException.Code.ACCESS_DENIED, "no");
        };
        OutputStream none = new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("written");
            }
        };
        InputStream empty = InputStream.nullInputStream();
        assertThatThrownBy(() -> EnvelopeWriter.anyOf(List.of(one, refusing)).seal(empty, none))
                .isInstanceOf(KmsException.class);
        assertThatThrownBy(() -> EnvelopeWriter.anyOf(List.of(one, one)).seal(empty, none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> EnvelopeWriter.anyOf(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> EnvelopeWriter.allOf(List.of(one))).isInstanceOf(IllegalArgumentException.class);
        List<KeyWrapper> many = java.util.Collections.nCopies(17, one);
        assertThatThrownBy(() -> EnvelopeWriter.anyOf(many)).isInstanceOf(IllegalArgumentException.class);
        EncryptionContext large = EncryptionContext.of("a", "b".repeat(8_200));
        assertThatThrownBy(() -> EnvelopeWriter.anyOf(List.of(one)).context(large))
                .isInstanceOf(IllegalArgumentException.class);
        List<KeyWrapper> long16 = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            int number = i;
            long16.add((key, context) -> new KeyWrap(128, "key-" + number, new byte[6_144]));
        }
        assertThatThrownBy(() -> EnvelopeWriter.anyOf(long16).seal(empty, none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too long");
    }

    @Test
    void aClosedStreamGivesNothing() throws IOException {
        byte[] envelope = Envelopes.seal(writer(EnvelopePlan.CASCADE, Combination.SINGLE), Envelopes.plaintext(100));
        EnvelopeInputStream in = EnvelopeReader.with(List.of(one)).open(new ByteArrayInputStream(envelope));
        assertThat(in.read()).isZero();
        assertThat(in.header().context()).isEqualTo(CONTEXT);
        in.close();
        assertThatThrownBy(in::read).isInstanceOf(IOException.class);
    }
}

package dev.sallyport.examples.quickstart;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The main job for a volume: a real file written and read over NBD, and the image's bytes as the disk has them. */
final class VolumeTour {
    private static final int SHOWN = 32;
    private static final int BLOCK = 16;
    private static final int CHUNK = 1 << 20;

    /** Not at the start, where a file system would be. */
    private static final long OFFSET = 1 << 20;

    /** Of a LUKS2 header: a binary part of 4,096 bytes, then JSON. */
    private static final int JSON_AT = 4096;

    private static final int JSON_END = 16_384;
    private static final Pattern DATA_OFFSET =
            Pattern.compile("\"segments\":\\{\"0\":\\{[^{}]*\"offset\":\"([0-9]{1,12})\"");

    private final Consumer<String> say;

    VolumeTour(Consumer<String> say) {
        this.say = say;
    }

    /** Writes {@code file} to the volume, reads it back, and looks for it in the image. */
    void roundTrip(VolumeProcess volume, Path file) throws IOException {
        byte[] plaintext = Files.readAllBytes(file);
        try (NbdClient client = NbdClient.connect(volume.uri())) {
            say.accept("Attached it: " + volume.uri() + ", " + client.size() + " bytes");
            client.write(OFFSET, plaintext);
            client.flush();
        }
        // by another connection, so that nothing of the first one's is left to answer from
        try (NbdClient client = NbdClient.connect(volume.uri())) {
            byte[] read = client.read(OFFSET, plaintext.length);
            Tour.expect(Arrays.equals(plaintext, read), "what was read from the volume differs from what was written");
        }
        say.accept("Wrote " + file.getFileName() + " to it over NBD, flushed, and read it back: identical");
        say.accept("The volume holds:         " + Tour.printable(plaintext));
        say.accept("The image's bytes there:  " + HexFormat.of().formatHex(onDisk(volume.image())));
        Tour.expect(!holdsAnyBlockOf(volume.image(), plaintext), "the image holds plaintext");
    }

    private static byte[] onDisk(Path image) throws IOException {
        try (InputStream in = Files.newInputStream(image)) {
            String header = new String(in.readNBytes(JSON_END), StandardCharsets.ISO_8859_1);
            Matcher offset = DATA_OFFSET.matcher(header);
            Tour.expect(header.startsWith("LUKS") && offset.find(JSON_AT), "the image does not begin as LUKS2 does");
            in.skipNBytes(Long.parseLong(offset.group(1)) + OFFSET - JSON_END);
            byte[] bytes = in.readNBytes(SHOWN);
            Tour.expect(!Arrays.equals(bytes, new byte[SHOWN]), "nothing was written to the image");
            return bytes;
        }
    }

    /** Sectors stand in the image as they do in the volume, so plaintext would be aligned. */
    private static boolean holdsAnyBlockOf(Path image, byte[] plaintext) throws IOException {
        Set<ByteBuffer> blocks = new HashSet<>();
        for (int i = 0; i + BLOCK <= plaintext.length; i += BLOCK) {
            blocks.add(ByteBuffer.wrap(plaintext, i, BLOCK));
        }
        try (InputStream in = Files.newInputStream(image)) {
            for (byte[] chunk = in.readNBytes(CHUNK); chunk.length > 0; chunk = in.readNBytes(CHUNK)) {
                for (int i = 0; i + BLOCK <= chunk.length; i += BLOCK) {
                    if (blocks.contains(ByteBuffer.wrap(chunk, i, BLOCK))) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}

package dev.sallyport.volume.luks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.SecureRandom;

/** Overwriting what a removed keyslot leaves behind. */
final class KeyslotArea {
    private KeyslotArea() {}

    /** Overwrites the area with random bytes, synced; refuses one that reaches beyond {@code end}. */
    static void wipe(FileChannel image, long offset, long size, long end) throws IOException {
        if (offset < 0 || size < 0 || size > end || offset > end - size) {
            throw new LuksException("the keyslot's area is out of bounds");
        }
        SecureRandom random = new SecureRandom();
        byte[] noise = new byte[64 * 1024];
        for (long at = offset; at < offset + size; ) {
            random.nextBytes(noise);
            ByteBuffer part = ByteBuffer.wrap(noise, 0, (int) Math.min(noise.length, offset + size - at));
            while (part.hasRemaining()) {
                at += image.write(part, at);
            }
        }
        image.force(false);
    }
}

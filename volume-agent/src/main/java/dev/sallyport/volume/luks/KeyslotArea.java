package dev.sallyport.volume.luks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.SecureRandom;

/** Overwriting what a removed keyslot leaves behind. */
final class KeyslotArea {
    private KeyslotArea() {}

    /** Overwrites an area, which {@link Layout#validate} has found to be in its place, with random bytes, synced. */
    static void wipe(FileChannel image, long offset, long size) throws IOException {
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

package dev.sallyport.kms.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Real files on a disk that can run full and fail to sync. */
final class FaultyFiles implements JournalFiles {
    final AtomicInteger syncs = new AtomicInteger();
    volatile long room = Long.MAX_VALUE;
    volatile boolean failSync;
    volatile Duration syncDelay = Duration.ZERO;

    @Override
    public Output open(Path file) throws IOException {
        Output real = SYSTEM.open(file);
        return new Output() {
            @Override
            public void write(ByteBuffer bytes, long position) throws IOException {
                if (bytes.remaining() > room) {
                    bytes.limit(bytes.position() + (int) room);
                    real.write(bytes, position);
                    room = 0;
                    throw new IOException("No space left on device");
                }
                real.write(bytes, position);
            }

            @Override
            public void sync() throws IOException {
                syncs.incrementAndGet();
                if (failSync) {
                    throw new IOException("Input/output error");
                }
                try {
                    Thread.sleep(syncDelay);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                real.sync();
            }

            @Override
            public void truncate(long size) throws IOException {
                real.truncate(size);
            }

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        SYSTEM.syncDirectory(directory);
    }
}

package dev.sallyport.kms.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The writer's file operations, apart so that tests can make them fail. */
interface JournalFiles {
    /** Opens an existing or new file for writing, readable for its owner only. */
    Output open(Path file) throws IOException;

    /** Makes entries of the directory durable. */
    void syncDirectory(Path directory) throws IOException;

    /** A file that is being written. */
    interface Output extends AutoCloseable {
        /** Writes all the bytes at the position. On failure any part of them may have been written. */
        void write(ByteBuffer bytes, long position) throws IOException;

        /** Makes what was written durable. */
        void sync() throws IOException;

        void truncate(long size) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** The real files. */
    JournalFiles SYSTEM = new JournalFiles() {
        @Override
        public Output open(Path file) throws IOException {
            FileChannel channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return new ChannelOutput(channel);
        }

        @Override
        public void syncDirectory(Path directory) throws IOException {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    };

    /** A file behind a channel. Used by one platform thread, which nobody interrupts: an interrupt would close it. */
    record ChannelOutput(FileChannel channel) implements Output {
        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            long at = position;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        }

        @Override
        public void sync() throws IOException {
            channel.force(false);
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Creates the journal's directory for its owner only. */
    static void createDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }
}

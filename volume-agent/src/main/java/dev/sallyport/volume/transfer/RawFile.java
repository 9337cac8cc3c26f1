package dev.sallyport.volume.transfer;

import dev.sallyport.volume.device.SparseFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A file of a volume's bytes in the clear. */
public final class RawFile implements Source, Target {
    private final Path path;
    private final FileChannel channel;
    private final SparseFile sparse;
    private final long size;

    private RawFile(Path path, FileChannel channel, long size) throws IOException {
        this.path = path;
        this.channel = channel;
        this.size = size;
        this.sparse = SparseFile.open(path);
    }

    /** Opens one to be read: a regular file or a block device. */
    public static RawFile toRead(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new RawFile(path, channel, channel.size());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Makes one, mode 0600, all of it a hole; or opens one that was made so, to go on with. */
    public static RawFile toWrite(Path path, long size) throws IOException {
        FileChannel channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            if (channel.size() < size) {
                channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
            }
            return new RawFile(path, channel, size);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public String identity() throws IOException {
        return "file " + path.toRealPath() + " modified " + Files.getLastModifiedTime(path);
    }

    @Override
    public Run run(long position, long limit) throws IOException {
        var extent = sparse.extent(position, limit);
        return new Run(extent.length(), extent.hole());
    }

    @Override
    public void read(long position, byte[] into, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into, 0, length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException(path + " has become shorter");
            }
        }
    }

    @Override
    public void write(long position, byte[] from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(from, 0, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer, position + buffer.position());
        }
    }

    /** Punches it, for what an interrupted copy may have written there. */
    @Override
    public void hole(long position, long length) throws IOException {
        sparse.punch(position, length);
    }

    @Override
    public void flush() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        sparse.close();
        channel.close();
    }
}

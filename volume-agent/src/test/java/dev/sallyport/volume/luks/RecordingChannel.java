package dev.sallyport.volume.luks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/** A file channel that remembers its writes and syncs, in order. */
final class RecordingChannel extends FileChannel {
    private final FileChannel channel;
    private final List<Step> steps = new ArrayList<>();

    RecordingChannel(FileChannel channel) {
        this.channel = channel;
    }

    /** One write, or a sync. */
    static final class Step {
        private final boolean sync;
        private final long offset;
        private final byte[] bytes;

        private Step(boolean sync, long offset, byte[] bytes) {
            this.sync = sync;
            this.offset = offset;
            this.bytes = bytes;
        }

        boolean sync() {
            return sync;
        }

        int length() {
            return bytes.length;
        }

        /** The disk after the first {@code length} bytes of this write. */
        byte[] apply(byte[] disk, int length) {
            byte[] result = disk.clone();
            System.arraycopy(bytes, 0, result, Math.toIntExact(offset), length);
            return result;
        }
    }

    List<Step> steps() {
        return List.copyOf(steps);
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
        byte[] bytes = new byte[source.remaining()];
        source.duplicate().get(bytes);
        int n = channel.write(source, position);
        steps.add(new Step(false, position, java.util.Arrays.copyOf(bytes, n)));
        return n;
    }

    @Override
    public void force(boolean metadata) throws IOException {
        channel.force(metadata);
        steps.add(new Step(true, 0, new byte[0]));
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
        return channel.read(into, position);
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    protected void implCloseChannel() throws IOException {
        channel.close();
    }

    @Override
    public int read(ByteBuffer into) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer source) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel position(long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }
}

package dev.sallyport.volume.nbd;

import dev.sallyport.volume.device.BlockDevice;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Serves one connection's reads. A long one is read and sent in pieces. */
final class Reads {
    private final BlockDevice device;
    private final Flow flow;
    private @Nullable LongRead current;

    Reads(BlockDevice device, Flow flow) {
        this.device = device;
        this.flow = flow;
    }

    /** A read that is answered in several pieces: as chunks of a structured reply, or behind the head of a simple one. */
    private static final class LongRead {
        private final NbdCommand.Read read;
        private final boolean fragmented;
        private long next;
        private int pending;
        private int error;

        LongRead(NbdCommand.Read read, boolean fragmented) {
            this.read = read;
            this.fragmented = fragmented;
            this.next = read.offset();
        }

        private long end() {
            return read.offset() + read.length();
        }
    }

    /** Whether nothing may begin: between the pieces of a simple reply, and so before its first, no other can be sent. */
    boolean exclusive() {
        return current != null && !current.fragmented && !flow.idle();
    }

    boolean underWay() {
        return current != null;
    }

    void read(NbdCommand.Read read) {
        boolean fragmented = flow.session().structuredReplies && !read.unfragmented();
        if (read.length() > (fragmented ? Pieces.SIZE : CommandValidator.MAX_UNFRAGMENTED)) {
            current = new LongRead(read, fragmented);
            return;
        }
        int length = (int) read.length();
        byte[] data = Buffers.ofThread().take(length);
        readInto(read.offset(), data, length, outcome -> {
            if (outcome == null) {
                flow.sendData(data, length, reply -> Replies.readHead(reply, flow.session(), read));
            } else {
                flow.refuse(read.cookie(), read.offset(), flow.failed(read.offset(), outcome));
            }
            Buffers.ofThread().giveBack(data);
        });
    }

    /** Begins the next piece of a long read; whether there was one to begin. */
    boolean next() {
        LongRead read = current;
        if (read == null) {
            return false;
        }
        long at = read.next;
        int length = Pieces.length(at, read.end() - at);
        read.next += length;
        read.pending++;
        if (read.next == read.end()) {
            current = null;
        }
        byte[] data = Buffers.ofThread().take(length);
        readInto(at, data, length, outcome -> {
            read.pending--;
            if (read.fragmented) {
                fragment(read, at, data, length, outcome);
            } else {
                part(read, at, data, length, outcome);
            }
            Buffers.ofThread().giveBack(data);
        });
        return true;
    }

    private void fragment(LongRead read, long at, byte[] data, int length, @Nullable IOException outcome) {
        boolean last = read.pending == 0 && read.next == read.end();
        if (outcome == null) {
            boolean done = last && read.error == 0;
            flow.sendData(
                    data, length, reply -> Replies.fragmentHead(reply, flow.session(), read.read, at, length, done));
        } else {
            read.error = flow.failed(at, outcome);
        }
        if (last && read.error != 0) {
            flow.refuse(read.read.cookie(), read.read.offset(), read.error);
        }
    }

    /** A simple reply has room for an error only at its head. */
    private void part(LongRead read, long at, byte[] data, int length, @Nullable IOException outcome) {
        boolean first = at == read.read.offset();
        if (outcome == null) {
            flow.sendData(data, length, reply -> {
                if (first) {
                    Replies.readHead(reply, flow.session(), read.read);
                }
            });
            return;
        }
        current = null;
        int error = flow.failed(at, outcome);
        if (first) {
            flow.refuse(read.read.cookie(), at, error);
        } else {
            flow.abort();
        }
    }

    private void readInto(long at, byte[] data, int length, Consumer<@Nullable IOException> then) {
        try {
            if (device.readNow(at, data, 0, length)) {
                then.accept(null);
                return;
            }
        } catch (IOException e) {
            then.accept(e);
            return;
        }
        flow.submit(length, () -> device.read(at, data, 0, length), then);
    }

    /** Reads no further. */
    void stop() {
        current = null;
    }
}

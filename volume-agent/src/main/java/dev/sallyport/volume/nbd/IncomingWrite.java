package dev.sallyport.volume.nbd;

import dev.sallyport.volume.device.BlockDevice;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A write whose payload comes in, and is written, piece by piece; answered when all of it is. */
final class IncomingWrite {
    private final NbdCommand.Write write;
    private final BlockDevice device;
    private final Flow flow;
    private long next;
    private int pending;
    private int error;

    IncomingWrite(NbdCommand.Write write, BlockDevice device, Flow flow) {
        this.write = write;
        this.device = device;
        this.flow = flow;
        this.next = write.offset();
    }

    /** How many bytes make the next piece. */
    int nextPiece() {
        return Pieces.length(next, end() - next);
    }

    boolean isLast(int length) {
        return next + length == end();
    }

    private long end() {
        return write.offset() + write.length();
    }

    /** @param data the next piece, a buffer of this thread's {@link Buffers} that goes back there */
    void write(byte[] data, int length) {
        long at = next;
        boolean durable = write.fua() && length == write.length();
        next += length;
        pending++;
        Consumer<@Nullable IOException> then = outcome -> {
            Buffers.ofThread().giveBack(data);
            written(at, durable, outcome);
        };
        if (error != 0) {
            then.accept(null); // the rest of what has failed
            return;
        }
        if (!durable) {
            try {
                if (device.writeNow(at, data, 0, length)) {
                    then.accept(null);
                    return;
                }
            } catch (IOException e) {
                then.accept(e);
                return;
            }
        }
        flow.submit(
                length,
                () -> {
                    device.write(at, data, 0, length);
                    if (durable) {
                        device.flush();
                    }
                },
                then);
    }

    private void written(long at, boolean durable, @Nullable IOException outcome) {
        pending--;
        if (outcome != null) {
            error = flow.failed(at, outcome);
        }
        if (pending > 0 || next < end()) {
            return;
        }
        if (error != 0) {
            flow.refuse(write.cookie(), write.offset(), error);
        } else if (write.fua() && !durable) {
            flow.submit(0, device::flush, flow.answer(write.cookie(), write.offset()));
        } else {
            flow.answer(write.cookie(), write.offset()).accept(null);
        }
    }
}

package dev.sallyport.volume.nbd;

import dev.sallyport.volume.device.BlockDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs one connection's valid requests. What the page cache holds is served on the event loop; what may wait for the disk
 * runs on the workers, and answers come in any order, as the protocol allows. Confined to the connection's event loop.
 */
final class Execution {
    /** Zeros that are written before others get their turn, and before it is looked whether the client is still there. */
    private static final long ZEROES_AT_ONCE = 4L << 20;

    private final BlockDevice device;
    private final Flow flow;
    private final Reads reads;

    Execution(BlockDevice device, Flow flow) {
        this.device = device;
        this.flow = flow;
        this.reads = new Reads(device, flow);
    }

    /** Whether another request, or another piece of one, may begin. */
    boolean ready() {
        return !reads.exclusive() && flow.ready();
    }

    /** Begins the next piece of a long read; whether there was one to begin. */
    boolean continueRead() {
        return reads.next();
    }

    boolean idle() {
        return flow.idle() && !reads.underWay();
    }

    void gone() {
        flow.gone();
        reads.stop();
    }

    IncomingWrite incoming(NbdCommand.Write write) {
        return new IncomingWrite(write, device, flow);
    }

    /** Runs a command that has no payload. */
    void run(NbdCommand command) {
        switch (command) {
            case NbdCommand.Read read -> reads.read(read);
            case NbdCommand.Write write -> throw new IllegalStateException("a write has a payload");
            case NbdCommand.Flush flush -> flow.submit(0, device::flush, flow.answer(flush.cookie(), 0));
            case NbdCommand.Trim trim ->
                flow.submit(
                        0,
                        () -> {
                            device.trim(trim.offset(), trim.length());
                            flushIf(trim.fua());
                        },
                        flow.answer(trim.cookie(), trim.offset()));
            case NbdCommand.WriteZeroes zeroes -> writeZeroes(zeroes, zeroes.offset());
            case NbdCommand.Cache cache ->
                // a hint that is not needed: what is read once is in the page cache
                flow.answer(cache.cookie(), cache.offset()).accept(null);
            case NbdCommand.BlockStatus status -> blockStatus(status);
            case NbdCommand.Disconnect disconnect -> flow.end();
        }
    }

    private void writeZeroes(NbdCommand.WriteZeroes zeroes, long at) {
        long end = zeroes.offset() + zeroes.length();
        long length = Math.min(ZEROES_AT_ONCE, end - at);
        boolean last = at + length == end;
        flow.submit(
                0,
                () -> {
                    device.writeZeroes(at, length);
                    flushIf(last && zeroes.fua());
                },
                outcome -> {
                    if (outcome != null || last) {
                        flow.answer(zeroes.cookie(), zeroes.offset()).accept(outcome);
                    } else if (flow.context().channel().isActive()) {
                        writeZeroes(zeroes, at + length);
                    }
                });
    }

    private void flushIf(boolean fua) throws IOException {
        if (fua) {
            device.flush();
        }
    }

    private void blockStatus(NbdCommand.BlockStatus status) {
        List<BlockDevice.Extent> extents = new ArrayList<>();
        flow.submit(0, () -> Extents.collect(device, status, extents), outcome -> {
            if (outcome == null) {
                flow.send(Replies.blockStatus(flow.context().alloc(), flow.session(), status, extents));
            } else {
                flow.refuse(status.cookie(), status.offset(), flow.failed(status.offset(), outcome));
            }
        });
    }
}

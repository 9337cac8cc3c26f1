package dev.sallyport.volume.nbd;

import dev.sallyport.volume.device.BlockDevice;
import dev.sallyport.volume.device.BlockDevice.Extent;
import java.io.IOException;
import java.util.List;

/** Answers BLOCK_STATUS. */
final class Extents {
    private static final int MAX_EXTENTS = 2048;

    private Extents() {}

    /** Adds the runs of data and of holes from the request's offset on; all of its range, or a bounded number of them. */
    static void collect(BlockDevice device, NbdCommand.BlockStatus status, List<Extent> extents) throws IOException {
        long at = status.offset();
        long end = at + status.length();
        while (at < end) {
            Extent extent = device.extent(at, end - at);
            Extent last = extents.isEmpty() ? null : extents.getLast();
            if (last != null && last.hole() == extent.hole()) {
                extents.set(extents.size() - 1, new Extent(last.length() + extent.length(), last.hole()));
            } else if (extents.size() < (status.one() ? 1 : MAX_EXTENTS)) {
                extents.add(extent);
            } else {
                return;
            }
            at += extent.length();
        }
    }
}

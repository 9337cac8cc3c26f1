package dev.sallyport.volume.nbd;

import dev.sallyport.volume.device.BlockDevice;

/**
 * What is served under a name.
 *
 * @param name at most 4,096 bytes of UTF-8; clients that give the empty name get it too
 * @param description for people
 * @param device its bytes
 * @param readOnly whether writes are refused with EPERM
 */
public record Export(String name, String description, BlockDevice device, boolean readOnly) {
    /** Whether a write would be refused now: the export is read-only, or its device has become so. */
    boolean writesRefused() {
        return readOnly || device.writesRefused();
    }

    int transmissionFlags(Session session) {
        int flags = Nbd.HAS_FLAGS | Nbd.SEND_FLUSH | Nbd.CAN_MULTI_CONN | Nbd.SEND_CACHE;
        if (session.structuredReplies) {
            flags |= Nbd.SEND_DF;
        }
        return readOnly
                ? flags | Nbd.READ_ONLY
                : flags | Nbd.SEND_FUA | Nbd.SEND_TRIM | Nbd.SEND_WRITE_ZEROES | Nbd.SEND_FAST_ZERO;
    }
}

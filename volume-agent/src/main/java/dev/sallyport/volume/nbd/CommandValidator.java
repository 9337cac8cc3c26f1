package dev.sallyport.volume.nbd;

/** Decides on a request before any of its I/O, with the error values that the protocol's section on them gives. */
final class CommandValidator {
    static final int OK = 0;

    /** Bytes that a read with DF may ask for; the protocol wants 64 KiB at least. */
    static final int MAX_UNFRAGMENTED = 512 * 1024;

    private CommandValidator() {}

    /** {@link #OK}, or the error to answer. */
    static int validate(NbdCommand command, Export export, Session session) {
        long size = export.device().size();
        return switch (command) {
            case NbdCommand.Read read -> {
                if (read.length() == 0
                        || read.length() > Nbd.MAX_PAYLOAD
                        || outside(read.offset(), read.length(), size)) {
                    yield Nbd.EINVAL;
                }
                yield read.unfragmented() && read.length() > MAX_UNFRAGMENTED ? Nbd.EOVERFLOW : OK;
            }
            case NbdCommand.Write write -> {
                if (export.writesRefused()) {
                    yield Nbd.EPERM;
                }
                if (write.length() == 0) {
                    yield Nbd.EINVAL;
                }
                yield outside(write.offset(), write.length(), size) ? Nbd.ENOSPC : OK;
            }
            case NbdCommand.Trim trim -> {
                if (export.writesRefused()) {
                    yield Nbd.EPERM;
                }
                yield trim.length() == 0 || outside(trim.offset(), trim.length(), size) ? Nbd.EINVAL : OK;
            }
            case NbdCommand.WriteZeroes zeroes -> {
                if (export.writesRefused()) {
                    yield Nbd.EPERM;
                }
                if (zeroes.length() == 0) {
                    yield Nbd.EINVAL;
                }
                if (outside(zeroes.offset(), zeroes.length(), size)) {
                    yield Nbd.ENOSPC;
                }
                // zeros are encrypted and written like any other data: never faster than a write
                yield zeroes.fast() ? Nbd.ENOTSUP : OK;
            }
            case NbdCommand.Cache cache ->
                cache.length() == 0 || outside(cache.offset(), cache.length(), size) ? Nbd.EINVAL : OK;
            case NbdCommand.BlockStatus status ->
                !session.baseAllocation || status.length() == 0 || outside(status.offset(), status.length(), size)
                        ? Nbd.EINVAL
                        : OK;
            case NbdCommand.Flush flush -> OK;
            case NbdCommand.Disconnect disconnect -> OK;
        };
    }

    private static boolean outside(long offset, long length, long size) {
        return offset < 0 || length < 0 || offset > size || length > size - offset;
    }
}

package dev.sallyport.volume.cli;

import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.remote.RemoteKms;
import dev.sallyport.kms.seal.SealException;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.volume.device.ImageInUseException;
import dev.sallyport.volume.keys.VolumeKeyException;
import dev.sallyport.volume.luks.LuksException;

/** Exit codes of {@code sallyport-volume}. */
final class ExitCode {
    static final int OK = 0;

    /** The command failed. */
    static final int FAILED = 1;

    /** The command line is wrong. */
    static final int USAGE = 2;

    /** Another process uses the image, or owns the key store. */
    static final int IN_USE = 3;

    /** A passphrase or key file opens nothing. */
    static final int WRONG_SECRET = 4;

    /** The image's header or the key store is damaged, changed or not supported. */
    static final int INTEGRITY = 5;

    /** The KMS refused. */
    static final int REFUSED = 6;

    /** The KMS cannot be asked. */
    static final int OUTAGE = 7;

    private ExitCode() {}

    static int of(Exception e) {
        return switch (e) {
            case CommandFailedException failed -> failed.exitCode();
            case ImageInUseException inUse -> IN_USE;
            case LuksException luks -> INTEGRITY;
            case VolumeKeyException keys -> INTEGRITY;
            case KmsException kms -> RemoteKms.isOutage(kms) ? OUTAGE : REFUSED;
            case SealException seal -> WRONG_SECRET;
            case StoreException store -> store.reason() == StoreException.Reason.IN_USE ? IN_USE : FAILED;
            default -> FAILED;
        };
    }
}

package dev.sallyport.volume.keys;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Kms;
import java.util.function.BiFunction;

/** A way to the KMS that holds the keys, as one caller. */
public interface KmsAccess extends AutoCloseable {
    /**
     * Asks the KMS something; the answer must not keep it.
     *
     * @throws dev.sallyport.kms.KmsException when it refuses, or cannot be asked
     */
    <T> T ask(BiFunction<Kms, CallContext, T> question);

    @Override
    void close();
}

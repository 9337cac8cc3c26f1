package dev.sallyport.kms;

import java.util.function.BiFunction;

/** A way to the KMS that holds the keys, as one caller. */
public interface KmsAccess extends AutoCloseable {
    /**
     * Asks the KMS something; the answer must not keep it.
     *
     * @throws KmsException when it refuses, or cannot be asked
     */
    <T> T ask(BiFunction<Kms, CallContext, T> question);

    @Override
    void close();

    /** A KMS in this process, asked as {@code call} says; closing this leaves it open. */
    static KmsAccess of(Kms kms, CallContext call) {
        return new KmsAccess() {
            @Override
            public <T> T ask(BiFunction<Kms, CallContext, T> question) {
                return question.apply(kms, call);
            }

            @Override
            public void close() {
                // the KMS is its owner's
            }
        };
    }
}

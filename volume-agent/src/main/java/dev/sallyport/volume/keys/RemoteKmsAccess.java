package dev.sallyport.volume.keys;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.remote.CallerPolicies;
import dev.sallyport.kms.remote.RemoteKms;
import dev.sallyport.kms.remote.RemoteKmsOptions;
import java.util.List;
import java.util.UUID;
import java.util.function.BiFunction;

/** A KMS over the network; who calls is decided there, by the credentials of the environment. */
public final class RemoteKmsAccess implements KmsAccess {
    private final RemoteKms kms;
    private final String region;

    /** @param region for the calls' context; the options' region decides what is signed */
    public RemoteKmsAccess(RemoteKmsOptions options, String region) {
        this.kms = RemoteKms.connect(options, CallerPolicies.NONE);
        this.region = region;
    }

    @Override
    public <T> T ask(BiFunction<Kms, CallContext, T> question) {
        return question.apply(kms, call(new Caller("", "000000000000", "", "sallyport-volume", null, null), region));
    }

    @Override
    public void close() {
        kms.close();
    }

    static CallContext call(Caller caller, String region) {
        return new CallContext(
                caller,
                region,
                UUID.randomUUID().toString(),
                "127.0.0.1",
                "sallyport-volume",
                false,
                null,
                null,
                null,
                List.of());
    }
}

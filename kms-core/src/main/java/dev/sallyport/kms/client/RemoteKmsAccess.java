package dev.sallyport.kms.client;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.KmsAccess;
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
    private final String userAgent;

    /**
     * Nothing is asked yet.
     *
     * @param region for the calls' context; the options' region decides what is signed
     * @param userAgent who asks
     */
    public RemoteKmsAccess(RemoteKmsOptions options, String region, String userAgent) {
        this.kms = RemoteKms.connect(options, CallerPolicies.NONE);
        this.region = region;
        this.userAgent = userAgent;
    }

    @Override
    public <T> T ask(BiFunction<Kms, CallContext, T> question) {
        return question.apply(kms, call(new Caller("", "000000000000", "", userAgent, null, null), region, userAgent));
    }

    @Override
    public void close() {
        kms.close();
    }

    static CallContext call(Caller caller, String region, String userAgent) {
        return new CallContext(
                caller,
                region,
                UUID.randomUUID().toString(),
                "127.0.0.1",
                userAgent,
                false,
                null,
                null,
                null,
                List.of());
    }
}

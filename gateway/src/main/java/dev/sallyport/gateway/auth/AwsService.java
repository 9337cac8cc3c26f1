package dev.sallyport.gateway.auth;

import java.util.Locale;

/** The services that one endpoint serves; the credential scope names one. */
public enum AwsService {
    S3,
    KMS,
    STS;

    /** As in the credential scope. */
    public String scopeName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

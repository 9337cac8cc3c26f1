package dev.sallyport.kms.crypto;

import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The choice of the {@link CryptoProvider}, made once, at first use, and logged: Corretto's where its native library loads
 * and passes its self-tests, else the JDK's. The system property {@code sallyport.crypto.provider} ({@code auto},
 * {@code corretto} or {@code jdk}) fixes it; a provider that is asked for and does not work is an error.
 */
public final class Providers {
    /** Name of the system property that fixes the choice. */
    public static final String PROPERTY = "sallyport.crypto.provider";

    private static final Logger LOG = LoggerFactory.getLogger(Providers.class);
    private static final ScopedValue<CryptoProvider> SCOPED = ScopedValue.newInstance();
    private static final @Nullable String CORRETTO_FAILURE = failure(CryptoProvider.CORRETTO);
    private static final CryptoProvider CHOSEN = chooseAndLog();

    private Providers() {}

    /** The provider of this thread's calls: the chosen one, outside {@link #callWith}. */
    public static CryptoProvider current() {
        return SCOPED.isBound() ? SCOPED.get() : CHOSEN;
    }

    /** Every provider that works in this process, the chosen one first. */
    public static List<CryptoProvider> available() {
        List<CryptoProvider> working = new ArrayList<>(List.of(CHOSEN));
        for (CryptoProvider provider : CryptoProvider.values()) {
            if (provider != CHOSEN && (provider != CryptoProvider.CORRETTO || CORRETTO_FAILURE == null)) {
                working.add(provider);
            }
        }
        return List.copyOf(working);
    }

    /** Runs {@code action} with another provider, in this thread only: for tests that hold both to the same answers. */
    public static <T> T callWith(CryptoProvider provider, Callable<T> action) throws Exception {
        return ScopedValue.where(SCOPED, provider).call(action::call);
    }

    private static CryptoProvider chooseAndLog() {
        CryptoProvider chosen =
                choose(System.getProperty(PROPERTY, "auto"), CORRETTO_FAILURE, failure(CryptoProvider.JDK));
        if (CORRETTO_FAILURE == null || chosen == CryptoProvider.CORRETTO) {
            LOG.info("Cryptography by {}", chosen.description());
        } else {
            LOG.info("Cryptography by {}, since Corretto's does not load: {}", chosen.description(), CORRETTO_FAILURE);
        }
        return chosen;
    }

    /** The rule of the choice; a failure says why that provider does not work, null that it does. */
    static CryptoProvider choose(String asked, @Nullable String correttoFailure, @Nullable String jdkFailure) {
        CryptoProvider chosen = switch (asked.toLowerCase(Locale.ROOT)) {
            case "auto" -> correttoFailure == null ? CryptoProvider.CORRETTO : CryptoProvider.JDK;
            case "corretto" -> CryptoProvider.CORRETTO;
            case "jdk" -> CryptoProvider.JDK;
            default -> throw new IllegalStateException(PROPERTY + " must be auto, corretto or jdk, and is " + asked);
        };
        String failure = chosen == CryptoProvider.CORRETTO ? correttoFailure : jdkFailure;
        if (failure != null) {
            throw new IllegalStateException("no working cryptography by " + chosen + ": " + failure);
        }
        return chosen;
    }

    /** Why a provider does not work; null where it does. */
    private static @Nullable String failure(CryptoProvider provider) {
        try {
            provider.check();
            return null;
        } catch (GeneralSecurityException | RuntimeException | LinkageError e) {
            // LinkageError: the jar holds a native library of one system, and is left out elsewhere.
            return e.toString();
        }
    }
}

package dev.sallyport.examples.quickstart;

import java.net.URI;

/** A store that somebody else runs: {@code --store URL}, its credentials from the environment. */
final class ExternalStore implements Store {
    private final URI endpoint;
    private final String accessKey;
    private final String secretKey;

    /** @throws QuickstartException if a credential is missing from the environment */
    ExternalStore(URI endpoint) {
        this.endpoint = endpoint;
        accessKey = fromEnvironment("SALLYPORT_STORE_ACCESS_KEY");
        secretKey = fromEnvironment("SALLYPORT_STORE_SECRET_KEY");
    }

    private static String fromEnvironment(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new QuickstartException("--store needs " + name + " in the environment");
        }
        return value;
    }

    @Override
    public URI endpoint() {
        return endpoint;
    }

    @Override
    public String accessKey() {
        return accessKey;
    }

    @Override
    public String secretKey() {
        return secretKey;
    }

    @Override
    public String description() {
        return "the store at " + endpoint;
    }

    @Override
    public void close() {
        // it was there before, and stays
    }
}

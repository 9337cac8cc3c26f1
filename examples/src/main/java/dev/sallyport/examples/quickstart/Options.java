package dev.sallyport.examples.quickstart;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The command line of the quickstart.
 *
 * @param check whether to end after the tour instead of serving on
 * @param store a store to use instead of the embedded one
 * @param launcher the gateway's {@code bin/sallyport}
 * @param volumeLauncher the volume agent's {@code bin/sallyport-volume}
 * @param directory where keys, credentials and the embedded store's files go
 * @param sample the file to upload
 */
record Options(boolean check, Optional<URI> store, Path launcher, Path volumeLauncher, Path directory, Path sample) {
    static final String USAGE = "usage: quickstart.sh [--check] [--store URL]";

    /** @throws QuickstartException if the arguments are not understood */
    static Options parse(String[] arguments) {
        boolean check = false;
        Optional<URI> store = Optional.empty();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--check" -> check = true;
                case "--store" -> {
                    if (++i == arguments.length) {
                        throw new QuickstartException("--store needs a URL; " + USAGE);
                    }
                    store = Optional.of(url(arguments[i]));
                }
                default -> throw new QuickstartException("unknown argument " + arguments[i] + "; " + USAGE);
            }
        }
        return new Options(
                check,
                store,
                property("launcher"),
                property("volumeLauncher"),
                property("directory"),
                property("sample"));
    }

    private static URI url(String text) {
        try {
            URI url = URI.create(text);
            String scheme = url.getScheme();
            if (url.getHost() != null && ("http".equals(scheme) || "https".equals(scheme))) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new QuickstartException("--store needs an http or https URL, not " + text);
    }

    private static Path property(String name) {
        String value = System.getProperty("quickstart." + name);
        if (value == null) {
            throw new QuickstartException("start it with examples/quickstart.sh");
        }
        return Path.of(value).toAbsolutePath();
    }
}

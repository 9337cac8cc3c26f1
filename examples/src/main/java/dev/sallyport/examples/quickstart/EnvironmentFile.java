package dev.sallyport.examples.quickstart;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** Shell exports with what a client needs to know, written last, removed on exit. */
final class EnvironmentFile {
    private EnvironmentFile() {}

    /** Writes {@code exports} to {@code file}, mode 0600, in one step. */
    static void write(Path file, Map<String, String> exports) throws IOException {
        String text = exports.entrySet().stream()
                .map(export -> "export " + export.getKey() + "=" + quote(export.getValue()) + "\n")
                .collect(Collectors.joining());
        Secrets.write(file, text);
    }

    private static String quote(String value) {
        return "'" + value.replace("'", "'\\''") + "'";
    }
}

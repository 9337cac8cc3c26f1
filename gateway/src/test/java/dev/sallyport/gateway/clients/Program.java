package dev.sallyport.gateway.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A client program of this machine, run with an environment of its own. */
final class Program {
    private final String name;
    private final Path directory;
    private final Map<String, String> environment;

    /**
     * Skips the calling test where there is no such program; with {@code SALLYPORT_REQUIRE_CLIENTS=true} it fails.
     *
     * @param directory to run in; the program's output is logged there
     */
    Program(String name, Path directory, Map<String, String> environment) {
        this.name = name;
        this.directory = directory;
        this.environment = Map.copyOf(environment);
        if (!onPath(name)) {
            if (Boolean.parseBoolean(System.getenv("SALLYPORT_REQUIRE_CLIENTS"))) {
                throw new AssertionError("SALLYPORT_REQUIRE_CLIENTS is set and there is no " + name + " on the PATH");
            }
            Assumptions.abort("no " + name + " on the PATH");
        }
    }

    private static boolean onPath(String name) {
        String path = System.getenv("PATH");
        return path != null
                && Arrays.stream(path.split(File.pathSeparator, -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }

    /** Runs it, expects success, and gives what it printed. */
    String run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(name));
        command.addAll(Arrays.asList(arguments));
        Path log = Files.createTempFile(directory, name, ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().keySet().removeIf(key -> key.startsWith("AWS_") || key.startsWith("RCLONE_"));
        builder.environment().put("HOME", directory.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        String output = Files.readString(log);
        Files.delete(log);
        assertThat(ended).as("%s %s ends: %s", name, List.of(arguments), output).isTrue();
        assertThat(process.exitValue())
                .as("%s %s: %s", name, List.of(arguments), output)
                .isZero();
        return output;
    }
}

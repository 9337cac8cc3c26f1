package dev.sallyport.volume.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** Other people's programs. */
public final class Programs {
    private Programs() {}

    /**
     * What a program said.
     *
     * @param code its exit code
     * @param output both of its streams
     */
    public record Result(int code, String output) {}

    /** Skips the test when one is missing, or fails it where they are required. */
    public static void require(String... names) {
        for (String name : names) {
            boolean there = find(name).isPresent();
            if (Boolean.parseBoolean(System.getenv("SALLYPORT_REQUIRE_CLIENTS"))) {
                assertThat(there).as(name + " is required").isTrue();
            }
            Assumptions.assumeTrue(there, name + " is not installed");
        }
    }

    /** Runs a program to its end. */
    public static Result run(String name, Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(find(name).orElseThrow().toString());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Result(process.waitFor(), output);
    }

    /** Runs a program that must succeed; what it said. */
    public static String succeed(String name, Object... arguments) throws IOException, InterruptedException {
        Result result = run(name, arguments);
        assertThat(result.code()).as(name + ": " + result.output()).isZero();
        return result.output();
    }

    private static Optional<Path> find(String name) {
        for (String folder : (System.getenv("PATH") + ":/usr/sbin:/sbin").split(":", -1)) {
            Path program = Path.of(folder, name);
            if (Files.isExecutable(program)) {
                return Optional.of(program);
            }
        }
        return Optional.empty();
    }
}

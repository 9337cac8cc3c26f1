package dev.sallyport.examples.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of a distribution, {@code bin/sallyport} or {@code bin/sallyport-volume}, as a person would type it. */
final class Launcher {
    private static final Duration COMMAND_WITHIN = Duration.ofSeconds(60);
    private static final List<String> STEERING =
            List.of("SALLYPORT_STORE_", "SALLYPORT_PASSPHRASE", "SALLYPORT_KEY", "AWS_");

    private final Path program;
    private final Path log;
    private final Map<String, String> environment;

    /**
     * @param log where the output of every command goes, appended
     * @param environment what the program's commands have in theirs, and nobody sees on a command line
     */
    Launcher(Path program, Path log, Map<String, String> environment) {
        this.program = program;
        this.log = log;
        this.environment = Map.copyOf(environment);
    }

    Path log() {
        return log;
    }

    /** Starts a command. What the caller's shell may hold for other uses is kept from it. */
    Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> STEERING.stream().anyMatch(name::startsWith));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Runs a command to its end. */
    void run(String... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        if (!process.waitFor(COMMAND_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new QuickstartException(program.getFileName() + " " + arguments[0] + " does not end; see " + log);
        }
        if (process.exitValue() != 0) {
            throw new QuickstartException(
                    program.getFileName() + " " + arguments[0] + " failed: " + lastLine() + " (see " + log + ")");
        }
    }

    /** The last line that a command wrote. */
    String lastLine() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return lines.isEmpty() ? "" : lines.getLast();
    }
}

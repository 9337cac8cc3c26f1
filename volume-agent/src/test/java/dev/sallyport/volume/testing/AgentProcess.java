package dev.sallyport.volume.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A Java program of this class path, the agent or a test's own, in a process of its own, so that it can be killed. */
public final class AgentProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 120;

    private final Process process;
    private final Path output;
    private final Path errors;

    private AgentProcess(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /** The command line that runs a class. */
    public static List<String> java(String main, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    /** Starts {@code sallyport-volume} against a KMS; what it says goes to files in {@code work}. */
    public static AgentProcess start(Path work, TestKms kms, Object... arguments) throws IOException {
        List<Object> all = new ArrayList<>(List.of(arguments));
        all.add("--kms-endpoint");
        all.add(kms.endpoint());
        return start(work, kms.environment(), "dev.sallyport.volume.Main", all.toArray());
    }

    public static AgentProcess start(Path work, Map<String, String> environment, String main, Object... arguments)
            throws IOException {
        return start(work, environment, java(main, arguments));
    }

    /** Starts any command line. */
    public static AgentProcess start(Path work, Map<String, String> environment, List<String> command)
            throws IOException {
        Path output = Files.createTempFile(work, "agent", ".out");
        Path errors = Files.createTempFile(work, "agent", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
        builder.environment().put("SALLYPORT_RUNTIME_DIR", work.resolve("run").toString());
        builder.environment().putAll(environment);
        return new AgentProcess(builder.start(), output, errors);
    }

    public Process process() {
        return process;
    }

    public String output() throws IOException {
        return Files.readString(output, UTF_8);
    }

    public String errors() throws IOException {
        return Files.readString(errors, UTF_8);
    }

    /** Waits until it has said so much. */
    public void awaitOutput(String text) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!output().contains(text)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("no '" + text + "': " + output() + errors());
            }
            Thread.sleep(20);
        }
    }

    /** Waits for its end; its exit code. */
    public int await() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            close();
            throw new AssertionError("the process does not end");
        }
        return process.exitValue();
    }

    /** kill -9, and waits until it is gone. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}

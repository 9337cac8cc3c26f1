package dev.sallyport.gateway.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** MinIO as a program of this machine, over a temporary directory. */
final class MinioProcessStore extends MinioStore {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    private final Path directory;
    private final Process process;
    private final int port = TestFiles.freePort();
    private final Thread killer;

    private MinioProcessStore(Path program) {
        try {
            directory = Files.createTempDirectory("sallyport-minio");
            ProcessBuilder builder = new ProcessBuilder(
                    program.toString(),
                    "server",
                    "--quiet",
                    "--address",
                    "127.0.0.1:" + port,
                    directory.resolve("data").toString());
            builder.environment().put("MINIO_ROOT_USER", accessKey());
            builder.environment().put("MINIO_ROOT_PASSWORD", secretKey());
            builder.environment().put("MINIO_BROWSER", "off");
            builder.environment().put("MINIO_UPDATE", "off");
            builder.redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile());
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        killer = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(killer);
        awaitReady();
    }

    static Optional<MinioProcessStore> find() {
        return program().map(MinioProcessStore::new);
    }

    private static Optional<Path> program() {
        String named = System.getenv("SALLYPORT_MINIO");
        if (named != null && !named.isEmpty()) {
            return Optional.of(Path.of(named));
        }
        String path = System.getenv("PATH");
        if (path == null) {
            return Optional.empty();
        }
        for (String folder : path.split(File.pathSeparator, -1)) {
            Path program = Path.of(folder, "minio");
            if (Files.isExecutable(program) && !Files.isDirectory(program)) {
                return Optional.of(program);
            }
        }
        return Optional.empty();
    }

    private void awaitReady() {
        long end = System.nanoTime() + START_TIMEOUT.toNanos();
        while (System.nanoTime() - end < 0) {
            if (!process.isAlive()) {
                throw new IllegalStateException("minio ended at once: " + log());
            }
            if (ready()) {
                return;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while minio started", e);
            }
        }
        close();
        throw new IllegalStateException("minio was not ready within " + START_TIMEOUT.toSeconds() + " s");
    }

    private boolean ready() {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    endpoint().resolve("/minio/health/ready").toURL().openConnection();
            connection.setConnectTimeout(1_000);
            connection.setReadTimeout(1_000);
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false; // not listening yet
        }
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("log"));
        } catch (IOException e) {
            return "(its log cannot be read: " + e.getMessage() + ")";
        }
    }

    @Override
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    public Optional<Path> directory() {
        return Optional.of(directory.resolve("data"));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(killer);
        TestFiles.deleteTree(directory);
    }
}

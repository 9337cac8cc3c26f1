package dev.sallyport.gateway;

import dev.sallyport.gateway.config.StoreCredentials;
import dev.sallyport.gateway.testing.S3Store;
import dev.sallyport.gateway.testing.TestFiles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code sallyport serve} in a process of its own, so that it can be killed. */
final class GatewayProcess implements AutoCloseable {
    static final String PASSPHRASE = "correct horse battery staple";

    private final Process process;
    private final URI endpoint;

    private GatewayProcess(Process process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /** Starts one on the key store {@code keys} and waits until it takes connections; logs go below {@code work}. */
    static GatewayProcess start(Path work, Path keys, S3Store store, Map<String, String> environment)
            throws IOException, InterruptedException {
        int port = TestFiles.freePort();
        Path config = Files.createTempFile(work, "gateway", ".yaml");
        Files.writeString(config, """
                version: v1
                listen: 127.0.0.1:%d
                admin: 127.0.0.1:0
                store: {url: "%s"}
                keyStore: {directory: %s}
                uploads: {directory: %s}
                """.formatted(port, store.endpoint(), keys, work.resolve("uploads")));
        Path log = Files.createTempFile(work, "gateway", ".log");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "dev.sallyport.gateway.Main",
                        "serve",
                        "--config",
                        config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put(StoreCredentials.ACCESS_KEY, store.accessKey());
        builder.environment().put(StoreCredentials.SECRET_KEY, store.secretKey());
        builder.environment().put("SALLYPORT_PASSPHRASE", PASSPHRASE);
        builder.environment().putAll(environment);
        GatewayProcess started = new GatewayProcess(builder.start(), URI.create("http://127.0.0.1:" + port));
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (!takesConnections(port)) {
            if (!started.process.isAlive() || System.nanoTime() > end) {
                started.close();
                throw new AssertionError("The gateway did not start: " + Files.readString(log));
            }
            Thread.sleep(100);
        }
        return started;
    }

    private static boolean takesConnections(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    URI endpoint() {
        return endpoint;
    }

    /** kill -9, and waits until it is gone. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}

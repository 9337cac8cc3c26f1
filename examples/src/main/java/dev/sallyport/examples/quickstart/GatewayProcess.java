package dev.sallyport.examples.quickstart;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The gateway in a process of its own, with a key store and a configuration made for it. */
final class GatewayProcess implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);
    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(40);

    private final Launcher launcher;
    private final Process process;
    private final URI endpoint;
    private final URI admin;

    private GatewayProcess(Launcher launcher, Process process, URI endpoint, URI admin) {
        this.launcher = launcher;
        this.process = process;
        this.endpoint = endpoint;
        this.admin = admin;
    }

    /** Starts a gateway over {@code store}, whose key store was made in {@code directory}. Comes back once it is ready. */
    static GatewayProcess start(Launcher launcher, Path directory, Store store)
            throws IOException, InterruptedException {
        int port = freePort();
        int adminPort = freePort();
        Secrets.write(directory.resolve("store-access-key"), store.accessKey() + "\n");
        Secrets.write(directory.resolve("store-secret-key"), store.secretKey() + "\n");
        Path configuration = directory.resolve("sallyport.yaml");
        Files.writeString(configuration, """
                        # made by the quickstart
                        version: v1
                        listen: 127.0.0.1:%d
                        admin: 127.0.0.1:%d
                        store:
                          url: %s
                          accessKeyFile: store-access-key
                          secretKeyFile: store-secret-key
                        keyStore:
                          directory: keystore
                          keyFile: keystore.key
                        """.formatted(port, adminPort, store.endpoint()));
        Process process = launcher.start("serve", "--config", configuration.toString());
        GatewayProcess gateway = new GatewayProcess(
                launcher, process, URI.create("http://127.0.0.1:" + port), URI.create("http://127.0.0.1:" + adminPort));
        try {
            gateway.awaitReady();
        } catch (IOException | InterruptedException | RuntimeException e) {
            gateway.close();
            throw e;
        }
        return gateway;
    }

    URI endpoint() {
        return endpoint;
    }

    URI admin() {
        return admin;
    }

    /** Done when the gateway ends. */
    CompletableFuture<Process> onExit() {
        return process.onExit();
    }

    private void awaitReady() throws IOException, InterruptedException {
        long end = System.nanoTime() + READY_WITHIN.toNanos();
        while (System.nanoTime() - end < 0) {
            if (!process.isAlive()) {
                throw new QuickstartException(
                        "the gateway ended: " + launcher.lastLine() + " (see " + launcher.log() + ")");
            }
            if (ready()) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new QuickstartException("the gateway is not ready within " + READY_WITHIN.toSeconds()
                + " s: does the store" + " answer, and are its credentials right? See " + launcher.log());
    }

    private boolean ready() {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) admin.resolve("/readyz").toURL().openConnection();
            connection.setConnectTimeout(2_000);
            connection.setReadTimeout(2_000);
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false; // not listening yet
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOPPED_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

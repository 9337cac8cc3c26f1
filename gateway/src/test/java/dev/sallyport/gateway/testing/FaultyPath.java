package dev.sallyport.gateway.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The way to a store, with faults that a test chooses. Closes no store. */
public final class FaultyPath implements S3Store {
    private final S3Store store;
    private final ServerSocket listener;
    private final AtomicInteger befallen = new AtomicInteger();
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();

    /** What befalls the answers to requests whose heads begin so, such as {@code GET /bucket/key}. */
    private record Fault(
            String head, long cutAfter, @Nullable CountDownLatch release) {}

    public FaultyPath(S3Store store) throws IOException {
        this.store = store;
        listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /**
     * The connection breaks after so many bytes of the answer; the store has done what it was asked. So it is for all such
     * requests until {@link #mend}.
     */
    public void cut(String head, long after) {
        faults.add(new Fault(head, after, null));
    }

    /** Answers are held back until the latch is released. */
    public void hold(String head, CountDownLatch release) {
        faults.add(new Fault(head, Long.MAX_VALUE, release));
    }

    /** Ends all faults; gives how many requests they have befallen. */
    public int mend() {
        faults.clear();
        return befallen.getAndSet(0);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket(
                        InetAddress.getLoopbackAddress(), store.endpoint().getPort());
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                AtomicReference<@Nullable Fault> current = new AtomicReference<>();
                Thread.ofVirtual().start(() -> requests(client, server, current));
                Thread.ofVirtual().start(() -> answers(client, server, current));
            } catch (IOException e) {
                // Closed, or a store that is down: the next connection tells.
            }
        }
    }

    private void requests(Socket client, Socket server, AtomicReference<@Nullable Fault> current) {
        byte[] buffer = new byte[64 << 10];
        try (client;
                server) {
            InputStream in = client.getInputStream();
            OutputStream out = server.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                String text = new String(buffer, 0, Math.min(count, 4096), StandardCharsets.ISO_8859_1);
                for (Fault fault : faults) {
                    if (text.startsWith(fault.head)) {
                        befallen.incrementAndGet();
                        current.set(fault);
                        break;
                    }
                }
                out.write(buffer, 0, count);
            }
        } catch (IOException e) {
            // One of the two has closed.
        }
    }

    private static void answers(Socket client, Socket server, AtomicReference<@Nullable Fault> current) {
        byte[] buffer = new byte[64 << 10];
        long given = 0;
        try (client;
                server) {
            InputStream in = server.getInputStream();
            OutputStream out = client.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                Fault fault = current.get();
                if (fault != null && fault.release != null) {
                    fault.release.await();
                    current.set(null);
                } else if (fault != null) {
                    int left = (int) Math.min(count, fault.cutAfter - given);
                    out.write(buffer, 0, left);
                    given += left;
                    if (given >= fault.cutAfter) {
                        return;
                    }
                    continue;
                }
                out.write(buffer, 0, count);
            }
        } catch (IOException e) {
            // One of the two has closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String name() {
        return store.name();
    }

    @Override
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    @Override
    public String accessKey() {
        return store.accessKey();
    }

    @Override
    public String secretKey() {
        return store.secretKey();
    }

    @Override
    public String region() {
        return store.region();
    }

    @Override
    public Optional<Path> directory() {
        return store.directory();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

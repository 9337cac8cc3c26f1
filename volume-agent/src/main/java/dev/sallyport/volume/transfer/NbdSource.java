package dev.sallyport.volume.transfer;

import dev.sallyport.volume.nbd.client.NbdClient;
import dev.sallyport.volume.nbd.client.NbdUri;
import java.io.IOException;

/** An export of an NBD server. */
public final class NbdSource implements Source {
    private final String uri;
    private final NbdClient client;

    private NbdSource(String uri, NbdClient client) {
        this.uri = uri;
        this.client = client;
    }

    /** @throws IllegalArgumentException when the URI is malformed */
    public static NbdSource connect(String uri) throws IOException {
        return new NbdSource(uri, NbdClient.connect(NbdUri.parse(uri)));
    }

    @Override
    public long size() {
        return client.size();
    }

    @Override
    public String identity() {
        return "export " + uri;
    }

    @Override
    public Run run(long position, long limit) throws IOException {
        NbdClient.Extent first = client.extents(position, limit).getFirst();
        return new Run(Math.min(first.length(), limit), first.hole() || first.zero());
    }

    @Override
    public void read(long position, byte[] into, int length) throws IOException {
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, client.maxPayload());
            client.read(position + done, into, done, part);
            done += part;
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}

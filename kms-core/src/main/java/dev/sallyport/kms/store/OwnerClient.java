package dev.sallyport.kms.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** A connection to the process that owns a key store: carries out one command. */
public final class OwnerClient implements AutoCloseable {
    private final SocketChannel channel;

    private OwnerClient(SocketChannel channel) {
        this.channel = channel;
    }

    /** Connects to the owner; empty when nobody listens. */
    public static Optional<OwnerClient> connect(StoreFiles files) {
        Path socket = files.socket();
        if (!Files.exists(socket)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new OwnerClient(SocketChannel.open(UnixDomainSocketAddress.of(socket))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Sends a command and waits for its answer.
     *
     * @param data where the bytes of a command that produces a file go
     * @throws StoreException as the command threw it, or {@code IO} when the connection broke: then whether the command was
     *     carried out is unknown
     */
    public JsonNode call(String command, JsonNode arguments, OutputStream data) {
        try {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
            ObjectNode request = JsonNodeFactory.instance.objectNode();
            request.put("v", OwnerProtocol.VERSION);
            request.put("command", command);
            request.set("arguments", arguments);
            OwnerProtocol.writeLine(out, request);
            InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
            while (true) {
                JsonNode line = OwnerProtocol.readLine(in, OwnerProtocol.MAX_RESPONSE);
                if (line.has("data")) {
                    data.write(Base64.getDecoder().decode(line.path("data").asText()));
                } else if (line.has("result")) {
                    return line.path("result");
                } else {
                    throw new StoreException(
                            reason(line.path("reason").asText()),
                            line.path("error").asText());
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new StoreException(
                    Reason.IO, "the owner of the key store did not answer: whether it acted is unknown");
        }
    }

    private static Reason reason(String name) {
        return Arrays.stream(Reason.values())
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElse(Reason.IO);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // nothing is lost: the answer has been read, or its loss reported
        }
    }
}

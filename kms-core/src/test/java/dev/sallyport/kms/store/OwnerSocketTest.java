package dev.sallyport.kms.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.principal.PrincipalCommands;
import dev.sallyport.kms.principal.Principals;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnerSocketTest {
    @TempDir
    Path temporary;

    private SqliteKeyStore store;
    private OwnerSocketServer server;

    @BeforeEach
    void start() {
        store = TestStores.open(temporary);
        Map<String, OwnerCommand> commands = new HashMap<>(StoreCommands.of(store));
        commands.putAll(PrincipalCommands.of(store));
        commands.put("defect", (arguments, data) -> {
            throw new IllegalStateException("secret detail");
        });
        server = OwnerSocketServer.start(store, commands);
    }

    @AfterEach
    void stop() {
        server.close();
        store.close();
    }

    private JsonNode call(String command, ObjectNode arguments, OutputStream data) {
        try (OwnerClient client = OwnerClient.connect(store.files()).orElseThrow()) {
            return client.call(command, arguments, data);
        }
    }

    private JsonNode call(String command, ObjectNode arguments) {
        return call(command, arguments, OutputStream.nullOutputStream());
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    @Test
    void aCommandActsInTheOwnerAtOnce() {
        Principals principals = new Principals(store);
        String id = call(PrincipalCommands.ADD, object().put("name", "alice").put("admin", true))
                .path("accessKeyId")
                .asText();
        assertThat(principals.byAccessKeyId(id).orElseThrow().isUsable(Instant.now()))
                .isTrue();
        call(PrincipalCommands.SET_ENABLED, object().put("name", "alice").put("enabled", false));
        assertThat(principals.byAccessKeyId(id).orElseThrow().isUsable(Instant.now()))
                .isFalse();
        assertThat(call(PrincipalCommands.LIST, object()).toString())
                .contains(id)
                .doesNotContain("secret");
    }

    @Test
    void refusalsAndDefectsAreOneLine() {
        assertThatThrownBy(() -> call(PrincipalCommands.REMOVE, object().put("name", "nobody")))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED))
                .hasMessage("there is no principal nobody");
        assertThatThrownBy(() -> call(PrincipalCommands.REMOVE, object())).hasMessageContaining("name is missing");
        assertThatThrownBy(() -> call("no-such", object())).hasMessageContaining("does not know this command");
        assertThatThrownBy(() -> call("defect", object()))
                .hasMessageContaining("see its log")
                .message()
                .doesNotContain("secret detail");
    }

    @Test
    void aBackupStreamsThrough() throws IOException {
        byte[] payload = new byte[300_000];
        new Random(1).nextBytes(payload);
        store.write(writer -> {
            writer.put(new Row("key", "big", null, payload));
            return true;
        });
        Path file = temporary.resolve("backup");
        try (OutputStream out = Files.newOutputStream(file)) {
            assertThat(call(StoreCommands.BACKUP, object(), out).path("rows").asLong())
                    .isEqualTo(1);
        }
        try (SealSecret secret = SealSecret.keyFile(temporary.resolve("key"))) {
            assertThat(Backups.verify(file, secret)).isEqualTo(1);
        }
    }

    @Test
    void sealsComeAndGo() throws IOException {
        Path second = temporary.resolve("second");
        SealSecret.newKeyFile(second).close();
        String secret = Base64.getEncoder().encodeToString(Files.readAllBytes(second));
        call(StoreCommands.ADD_SEAL, object().put("type", "key-file").put("secret", secret));
        JsonNode seals = call(StoreCommands.SEALS, object());
        assertThat(seals).hasSize(2);
        call(
                StoreCommands.REMOVE_SEAL,
                object().put("id", seals.get(0).path("id").asText()));
        assertThatThrownBy(() -> call(
                        StoreCommands.REMOVE_SEAL,
                        object().put("id", seals.get(1).path("id").asText())))
                .hasMessageContaining("is the last one");
        server.close();
        store.close();
        try (SealSecret old = SealSecret.keyFile(temporary.resolve("key"))) {
            assertThatThrownBy(() -> SqliteKeyStore.open(temporary.resolve("ks"), old, DigestWitness.NONE))
                    .hasMessageContaining("wrong key file");
        }
        try (SealSecret now = SealSecret.keyFile(second)) {
            SqliteKeyStore.open(temporary.resolve("ks"), now, DigestWitness.NONE)
                    .close();
        }
    }

    @Test
    void theSocketIsTheOwnersAlone() throws IOException {
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(store.files().socket())))
                .isEqualTo("rw-------");
    }

    @Test
    void malformedRequestsEndTheirConnectionOnly() throws IOException {
        for (String request :
                new String[] {"\n", "{\n", "[[[[[[[[[[[[[[[[[[[[\n", "x".repeat(300_000), "{}\n", "null\n"}) {
            try (SocketChannel channel =
                    SocketChannel.open(UnixDomainSocketAddress.of(store.files().socket()))) {
                try {
                    channel.write(ByteBuffer.wrap(request.getBytes(UTF_8)));
                    ByteBuffer answer = ByteBuffer.allocate(4096);
                    int count = channel.read(answer);
                    assertThat(count < 0 || new String(answer.array(), UTF_8).contains("\"error\""))
                            .isTrue();
                } catch (IOException e) {
                    assertThat(e).message().containsAnyOf("Broken pipe", "Connection reset");
                }
            }
        }
        assertThat(call(StoreCommands.VERIFY, object()).path("rows").asLong()).isZero();
    }

    @Test
    void aSocketThatACrashLeftIsReplaced() {
        server.close();
        OwnerSocketServer.start(store, StoreCommands.of(store)).close();
        server = OwnerSocketServer.start(store, StoreCommands.of(store));
        OwnerSocketServer again = OwnerSocketServer.start(store, StoreCommands.of(store));
        assertThat(call(StoreCommands.VERIFY, object()).path("rows").asLong()).isZero();
        again.close();
        assertThat(OwnerClient.connect(store.files())).isEmpty();
    }

    @Test
    void aPathTooLongForASocketIsRefusedWhenTheStoreIsMade() {
        Path deep = temporary.resolve("x".repeat(100));
        try (SealSecret secret = SealSecret.keyFile(temporary.resolve("key"))) {
            assertThatThrownBy(() -> SqliteKeyStore.create(deep, secret))
                    .hasMessageContaining("more than a unix socket can have");
        }
        assertThat(deep).doesNotExist();
    }
}

package dev.sallyport.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sallyport.kms.KmsAccess;
import dev.sallyport.kms.client.LocalKmsAccess;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.service.KmsRequest;
import dev.sallyport.kms.service.KmsResponse;
import dev.sallyport.kms.service.KmsService;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code sallyport encrypt}, {@code decrypt} and {@code inspect} with key files and a key store of this host. */
class EnvelopeCommandTest {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final byte[] content = new byte[300_000];
    private Path file;
    private Path sealed;
    private String one;
    private String two;

    private int run(Object... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = SallyportCommand.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int code = line.execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
        assertThat(err.toString().lines().count()).as(err.toString()).isEqualTo(code == 0 ? 0 : 1);
        assertThat(err.toString()).startsWith(code == 0 ? "" : "sallyport: ").doesNotContain("java.");
        return code;
    }

    @BeforeEach
    void make() throws IOException {
        new Random(1).nextBytes(content);
        file = Files.write(directory.resolve("letter.txt"), content);
        sealed = directory.resolve("letter.txt.spe");
        one = key("one");
        two = key("two");
    }

    private String key(String name) {
        Path path = directory.resolve(name + ".key");
        SealSecret.newKeyFile(path).close();
        return "file:" + path;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFileGoesInAndComesOut() throws IOException {
        assertThat(run("encrypt", file, "--key", one, "--key", two, "--context", "team=blue"))
                .isZero();
        assertThat(out.toString()).contains("encrypted to " + sealed);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sealed)))
                .isEqualTo("rw-------");
        Path back = directory.resolve("back");
        for (String key : List.of(one, two)) {
            assertThat(run("decrypt", sealed, "--key", key, "--output", back, "--force"))
                    .isZero();
            assertThat(back).hasBinaryContent(content);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(back)))
                    .isEqualTo("rw-------");
        }
        Files.delete(file);
        assertThat(run("decrypt", sealed, "--key", one, "--context", "team=blue"))
                .isZero();
        assertThat(file).hasBinaryContent(content);
        assertThat(names()).containsExactly("back", "letter.txt", "letter.txt.spe", "one.key", "two.key");
    }

    @Test
    void allOfAndCascadeAreAsAskedFor() throws IOException {
        assertThat(run("encrypt", file, "--key", one, "--key", two, "--all-of", "--cascade"))
                .isZero();
        Path back = directory.resolve("back");
        assertThat(run("decrypt", sealed, "--key", one, "-o", back)).isEqualTo(1);
        assertThat(err.toString()).contains("all 2 keys are needed");
        assertThat(run("decrypt", sealed, "--key", two, "--key", one, "-o", back))
                .isZero();
        assertThat(back).hasBinaryContent(content);
        assertThat(run("inspect", sealed, "--json")).isZero();
        JsonNode shown = new JsonMapper().readTree(out.toString());
        assertThat(shown.path("keys").asText()).isEqualTo("all-of");
        assertThat(shown.path("cipher").asText()).contains("ChaCha20-Poly1305");
        assertThat(shown.path("plaintextBytes").asLong()).isEqualTo(content.length);
        assertThat(shown.path("wrappedUnder")).hasSize(2);
        assertThat(shown.path("headerVerified").asBoolean()).isFalse();
        assertThat(run("inspect", sealed, "--key", one, "--key", two)).isZero();
        assertThat(out.toString()).contains("header verified: true").contains("wrapped under: file-");
        assertThat(run("inspect", sealed, "--key", one)).isEqualTo(1);
        assertThat(run("encrypt", file, "--key", one, "--all-of", "--force")).isEqualTo(2);
    }

    @Test
    void nothingIsOverwrittenUnlessForced() throws IOException {
        assertThat(run("encrypt", file, "--key", one)).isZero();
        byte[] before = Files.readAllBytes(sealed);
        assertThat(run("encrypt", file, "--key", one)).isEqualTo(1);
        assertThat(err.toString()).contains("exists already; --force replaces it");
        assertThat(sealed).hasBinaryContent(before);
        assertThat(run("decrypt", sealed, "--key", one)).isEqualTo(1);
        assertThat(run("encrypt", file, "--key", one, "--force")).isZero();
        assertThat(Files.readAllBytes(sealed)).isNotEqualTo(before);
        Path folder = Files.createDirectory(directory.resolve("folder"));
        assertThat(run("encrypt", file, "--key", one, "--force", "--output", folder))
                .isEqualTo(1);
        assertThat(err.toString()).contains("no regular file");
    }

    @Test
    void afterAFailureNothingOfThePlaintextIsLeft() throws IOException {
        assertThat(run("encrypt", file, "--key", one)).isZero();
        byte[] whole = Files.readAllBytes(sealed);
        Files.delete(file);
        List<String> before = names();
        for (int length : new int[] {0, 5, 40, 300, whole.length / 2, whole.length - 16, whole.length - 1}) {
            Files.write(sealed, Arrays.copyOf(whole, length));
            int code = run("decrypt", sealed, "--key", one);
            assertThat(code).as("cut to " + length).isIn(1, 5);
            assertThat(err.toString()).contains("envelope");
            assertThat(names()).isEqualTo(before);
        }
        byte[] altered = whole.clone();
        altered[whole.length - 1] ^= 1;
        Files.write(sealed, altered);
        assertThat(run("decrypt", sealed, "--key", one)).isEqualTo(5);
        assertThat(err.toString()).contains("cut short or was altered");
        assertThat(run("inspect", sealed)).isZero();
        Files.write(sealed, Arrays.copyOf(whole, whole.length + 5));
        assertThat(run("decrypt", sealed, "--key", one)).isEqualTo(5);
        assertThat(names()).isEqualTo(before);
        Files.write(sealed, whole);
        assertThat(run("decrypt", sealed, "--key", two)).isEqualTo(1);
        assertThat(run("decrypt", sealed, "--key", one, "--context", "team=blue"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("another encryption context");
        assertThat(names()).isEqualTo(before);
        assertThat(run("decrypt", sealed, "--key", one)).isZero();
        assertThat(file).hasBinaryContent(content);
    }

    @Test
    void whatIsWrongIsSaidInOneLine() throws IOException {
        assertThat(run("encrypt", file)).isEqualTo(2);
        assertThat(err.toString()).contains("--key");
        assertThat(run("encrypt", directory.resolve("none"), "--key", one)).isEqualTo(1);
        assertThat(err.toString()).contains("there is no file");
        assertThat(run("encrypt", directory, "--key", one)).isEqualTo(1);
        assertThat(run("encrypt", file, "--key", one, "--key", one)).isEqualTo(2);
        assertThat(run("encrypt", file, "--key", "file:" + file)).isEqualTo(4);
        assertThat(run("encrypt", file, "--key", "keystore:alias/a")).isEqualTo(2);
        assertThat(run("encrypt", file, "--key", "alias/a", "--keystore", directory))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--keystore and --principal go together");
        assertThat(run("encrypt", file, "--key", one, "--context", "x")).isEqualTo(2);
        assertThat(run("decrypt", file, "--key", one)).isEqualTo(2);
        assertThat(err.toString()).contains("--output");
        assertThat(run("decrypt", file, "--key", one, "--output", directory.resolve("o")))
                .isEqualTo(1);
        assertThat(err.toString()).contains("no envelope of Sallyport");
        assertThat(names()).containsExactly("letter.txt", "one.key", "two.key");
    }

    @Test
    void keysOfAKeyStoreOnThisHostOpenToo() throws IOException {
        Path store = directory.resolve("ks");
        Path storeKey = directory.resolve("ks.key");
        assertThat(run("init", store, "--new-key-file", storeKey, "--account-id", "111122223333"))
                .isZero();
        for (String name : List.of("alice", "bob")) {
            List<String> add = new ArrayList<>(List.of("principal", "add", name));
            if (name.equals("alice")) {
                add.add("--admin");
            }
            add.addAll(List.of("--keystore", store.toString(), "--key-file", storeKey.toString()));
            add.addAll(List.of("--credentials-file", directory.resolve(name).toString()));
            assertThat(run(add.toArray())).isZero();
        }
        String arn;
        try (KmsAccess kms =
                new LocalKmsAccess(store, "alice", "us-east-1", "test", () -> SealSecret.keyFile(storeKey))) {
            arn = kms.ask((service, call) -> ((KmsResponse.KeyDetails) ((KmsService) service)
                            .call(call, KmsRequest.CreateKey.symmetric("for envelopes"))
                            .response())
                    .keyMetadata()
                    .arn());
        }
        Object[] local = {"--keystore", store, "--keystore-key-file", storeKey, "--principal"};
        assertThat(run(with(local, "alice", "encrypt", file, "--key", arn, "--key", one)))
                .isZero();
        Path back = directory.resolve("back");
        assertThat(run(with(local, "alice", "decrypt", sealed, "-o", back))).isZero();
        assertThat(back).hasBinaryContent(content);
        assertThat(run(with(local, "bob", "decrypt", sealed, "-o", back, "--force")))
                .isEqualTo(1);
        assertThat(err.toString()).contains("AccessDeniedException");
        assertThat(run(with(local, "alice", "inspect", sealed))).isZero();
        assertThat(out.toString()).contains(arn + " (kms)").contains("header verified: true");
        assertThat(run("decrypt", sealed, "--key", one, "-o", back, "--force")).isZero();
        assertThat(back).hasBinaryContent(content);
    }

    private static Object[] with(Object[] local, String principal, Object... command) {
        List<Object> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(local));
        all.add(principal);
        return all.toArray();
    }

    @Test
    void progressTellsBytesRateAndTimeLeft() throws IOException {
        AtomicLong clock = new AtomicLong();
        StringWriter bar = new StringWriter();
        ByteProgress progress = new ByteProgress(new PrintWriter(bar), "encrypting", 1 << 20, true, clock::get);
        try (InputStream in = progress.watch(new ByteArrayInputStream(new byte[1 << 20]))) {
            clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
            assertThat(in.read(new byte[1 << 18], 0, 1 << 18)).isEqualTo(1 << 18);
        }
        assertThat(bar.toString())
                .isEqualTo(
                        "\r[######                  ] encrypting 256.0 KiB of 1.0 MiB (25%), 256.0 KiB/s, 3 s left\u001b[K");
        StringWriter lines = new StringWriter();
        ByteProgress unknown = new ByteProgress(new PrintWriter(lines), "decrypting", -1, false, clock::get);
        try (InputStream in = unknown.watch(new ByteArrayInputStream(new byte[4096]))) {
            clock.addAndGet(TimeUnit.SECONDS.toNanos(4));
            in.readNBytes(1024);
            assertThat(lines.toString()).isEmpty();
            clock.addAndGet(TimeUnit.SECONDS.toNanos(4));
            in.readNBytes(1024);
        }
        unknown.end();
        assertThat(lines.toString().strip()).isEqualTo("decrypting 2.0 KiB, 256 B/s");
    }
}

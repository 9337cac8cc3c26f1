package dev.sallyport.volume.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.access.AccessEvaluator;
import dev.sallyport.kms.audit.JournalOptions;
import dev.sallyport.kms.audit.JournalWitness;
import dev.sallyport.kms.principal.Account;
import dev.sallyport.kms.principal.PrincipalAdmin;
import dev.sallyport.kms.principal.PrincipalInfo;
import dev.sallyport.kms.principal.Principals;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.service.KmsRequest;
import dev.sallyport.kms.service.KmsResponse;
import dev.sallyport.kms.service.KmsService;
import dev.sallyport.kms.store.SqliteKeyStore;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.kms.store.StoreFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command line over a key store of its own. */
class VolumeCommandTest {
    private static final String REGION = "eu-central-1";

    @TempDir
    private Path directory;

    private Path image;
    private Path socket;
    private String key;

    @BeforeEach
    void makeKey() {
        image = directory.resolve("disk.img");
        socket = directory.resolve("s");
        try (SealSecret secret = SealSecret.newKeyFile(directory.resolve("seal.key"))) {
            SqliteKeyStore.create(directory.resolve("store"), secret);
        }
        KmsResponse made = inStore(store -> {
            new PrincipalAdmin(store, Account.of(store), Clock.systemUTC()).add("admin", Map.of(), true);
            return call(
                    store,
                    new KmsRequest.CreateKey(null, "", null, null, null, null, null, null, false, List.of(), false));
        });
        key = ((KmsResponse.KeyDetails) made).keyMetadata().arn();
    }

    private <T> T inStore(Function<SqliteKeyStore, T> action) {
        StoreFiles files = new StoreFiles(directory.resolve("store"));
        try (SealSecret secret = SealSecret.keyFile(directory.resolve("seal.key"));
                JournalWitness witness = new JournalWitness(files.audit(), JournalOptions.defaults());
                SqliteKeyStore store = SqliteKeyStore.open(files.directory(), secret, witness)) {
            return action.apply(store);
        }
    }

    private static KmsResponse call(SqliteKeyStore store, KmsRequest request) {
        PrincipalInfo admin = new PrincipalAdmin(store, Account.of(store), Clock.systemUTC())
                .list()
                .getFirst();
        try (KmsService kms = new KmsService(
                store,
                store.rootKey()::domainKey,
                new AccessEvaluator(new Principals(store), Clock.systemUTC()),
                event -> () -> {},
                Clock.systemUTC())) {
            Caller caller = new Caller(admin.arn(), Account.of(store), admin.principalId(), admin.name(), null, null);
            return kms.call(
                            new CallContext(
                                    caller, REGION, "r", "127.0.0.1", "test", false, null, null, null, List.of()),
                            request)
                    .response();
        }
    }

    /** The agent's own check may own the key store for a moment, so that this waits its turn. */
    private void disableKey() throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                inStore(store -> call(store, new KmsRequest.DisableKey(key)));
                return;
            } catch (StoreException e) {
                if (attempt == 100) {
                    throw e;
                }
                Thread.sleep(50);
            }
        }
    }

    private record Result(int exit, String out, String err) {}

    private Result run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = VolumeCommand.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return new Result(line.execute(arguments), out.toString(), err.toString());
    }

    private Result withKms(String... arguments) {
        String store = directory.resolve("store").toString();
        String seal = directory.resolve("seal.key").toString();
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 6);
        all[arguments.length] = "--keystore";
        all[arguments.length + 1] = store;
        all[arguments.length + 2] = "--principal";
        all[arguments.length + 3] = "admin";
        all[arguments.length + 4] = "--keystore-key-file";
        all[arguments.length + 5] = seal;
        return run(all);
    }

    private Result create() {
        return withKms("create", image.toString(), "--size", "16M", "--key", key, "--context", "team=a");
    }

    @Test
    void createsAndInspects() throws IOException {
        assertThat(create()).returns(0, Result::exit);
        assertThat(Files.size(image)).isEqualTo(32L << 20);
        Result shown = withKms("inspect", image.toString(), "--json");
        assertThat(shown.exit()).isZero();
        assertThat(shown.out())
                .contains("\"verified\":true", key, "\"team\":\"a\"", "\"sallyport:volume-name\":\"disk.img\"");
        Result again = create();
        assertThat(again.exit()).isEqualTo(1);
        assertThat(again.err()).contains("exists already");
    }

    @Test
    void refusesToAttachUnderADisabledKey() throws Exception {
        assertThat(create()).returns(0, Result::exit);
        disableKey();
        Result refused = withKms("attach", image.toString(), "--socket", socket.toString());
        assertThat(refused.exit()).isEqualTo(6);
        assertThat(refused.err()).contains("DisabledException");
        assertThat(socket).doesNotExist();
    }

    @Test
    void refusesWrongCommandLines() {
        assertThat(run("attach", image.toString()).exit()).isEqualTo(2);
        assertThat(withKms("create", image.toString(), "--size", "5", "--key", key)
                        .exit())
                .isEqualTo(2);
        assertThat(image).doesNotExist();
        assertThat(run("create", "x", "--secret=hunter2").err()).doesNotContain("hunter2");
        assertThat(run("attach", directory.resolve("none").toString(), "--socket", socket.toString())
                        .exit())
                .isEqualTo(1);
    }

    @Test
    void servesUntilTheKeyIsRevoked() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/nbdcopy")), "nbdcopy is not installed");
        assertThat(create()).returns(0, Result::exit);
        CompletableFuture<Result> attached = CompletableFuture.supplyAsync(() -> withKms(
                "attach",
                image.toString(),
                "--socket",
                socket.toString(),
                "--on-revoke",
                "stop-after=0s",
                "--recheck",
                "1s"));
        while (!Files.exists(socket)) {
            assertThat(attached).isNotDone();
            Thread.sleep(50);
        }
        byte[] content = new byte[16 << 20];
        new Random(1).nextBytes(content);
        byte[] needle = "a line that must not be on the disk".getBytes(StandardCharsets.UTF_8);
        System.arraycopy(needle, 0, content, 8192, needle.length);
        Path source = Files.write(directory.resolve("source"), content);
        Path copy = directory.resolve("copy");
        String uri = "nbd+unix:///?socket=" + socket;
        assertThat(client("nbdcopy", "--flush", source.toString(), uri)).isZero();
        assertThat(client("nbdcopy", uri, copy.toString())).isZero();
        assertThat(Files.mismatch(source, copy)).isEqualTo(-1);
        assertThat(new String(Files.readAllBytes(image), StandardCharsets.ISO_8859_1))
                .doesNotContain(new String(needle, StandardCharsets.ISO_8859_1));
        assertThat(withKms("attach", image.toString(), "--socket", socket + "2").exit())
                .isEqualTo(3);
        assertThat(run("list").out()).contains(image.toString());
        disableKey();
        assertThat(attached.get(60, TimeUnit.SECONDS).exit()).isZero();
        assertThat(socket).doesNotExist();
        assertThat(run("list").out()).doesNotContain(image.toString());
    }

    private static int client(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return process.waitFor();
    }
}

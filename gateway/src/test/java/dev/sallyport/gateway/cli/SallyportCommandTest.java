package dev.sallyport.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sallyport.gateway.bucket.BucketCommands;
import dev.sallyport.gateway.bucket.BucketMode;
import dev.sallyport.gateway.bucket.BucketSettingsStore;
import dev.sallyport.kms.audit.JournalOptions;
import dev.sallyport.kms.audit.JournalReader;
import dev.sallyport.kms.audit.JournalRecord;
import dev.sallyport.kms.audit.JournalWitness;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.OwnerSocketServer;
import dev.sallyport.kms.store.SqliteKeyStore;
import dev.sallyport.kms.store.StoreFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class SallyportCommandTest {
    @TempDir
    Path temporary;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path directory;
    private Path keyFile;

    private int run(Object... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> texts = new ArrayList<>();
        for (Object argument : arguments) {
            texts.add(argument.toString());
        }
        CommandLine line = SallyportCommand.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int code = line.execute(texts.toArray(new String[0]));
        assertThat(err.toString().lines().count()).as(err.toString()).isEqualTo(code == 0 ? 0 : 1);
        assertThat(err.toString()).doesNotContain("Exception");
        return code;
    }

    private int onStore(Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--keystore", directory, "--key-file", keyFile));
        return run(all.toArray());
    }

    @BeforeEach
    void init() {
        directory = temporary.resolve("ks");
        keyFile = temporary.resolve("key");
        assertThat(run("init", directory, "--new-key-file", keyFile, "--account-id", "111122223333"))
                .isZero();
        assertThat(out.toString()).contains("principal add");
    }

    private static String credential(Path file, String name) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf('=') + 2))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPrincipalsLife() throws IOException {
        Path credentials = temporary.resolve("alice");
        Path policy = Files.writeString(
                temporary.resolve("read.json"),
                "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}");
        assertThat(onStore("principal", "add", "alice", "--policy", policy, "--credentials-file", credentials))
                .isZero();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(credentials)))
                .isEqualTo("rw-------");
        String id = credential(credentials, "aws_access_key_id");
        String secret = credential(credentials, "aws_secret_access_key");
        assertThat(out.toString())
                .contains(id, "arn:aws:iam::111122223333:user/alice")
                .doesNotContain(secret);

        assertThat(onStore("principal", "add", "bob", "--credentials-file", credentials))
                .isEqualTo(1);
        assertThat(err.toString()).contains("exists already: it is never overwritten");
        assertThat(onStore("principal", "add", "alice", "--credentials-file", temporary.resolve("again")))
                .isEqualTo(1);
        assertThat(err.toString()).contains("principal alice exists already");
        assertThat(temporary.resolve("again")).doesNotExist();

        assertThat(onStore("principal", "rotate", "alice", "--credentials-file", temporary.resolve("second")))
                .isZero();
        assertThat(onStore("principal", "disable", "alice", "--access-key", id)).isZero();
        assertThat(onStore("principal", "list")).isZero();
        assertThat(out.toString())
                .contains(id + "  disabled", "policies: [\"read\"]")
                .doesNotContain(secret);
        assertThat(onStore("principal", "policy", "put", "alice", policy, "--name", "more"))
                .isZero();
        assertThat(onStore("principal", "policy", "remove", "alice", "read")).isZero();
        assertThat(onStore("principal", "policy", "list", "alice")).isZero();
        assertThat(out.toString()).contains("more").doesNotContain("\"read\"");
        assertThat(onStore("principal", "remove", "alice", "--access-key", id)).isZero();
        assertThat(onStore("principal", "remove", "alice")).isZero();
        assertThat(onStore("principal", "list", "--json")).isZero();
        assertThat(out.toString().strip()).isEqualTo("[ ]");
    }

    @Test
    void aBackupIsRestoredElsewhere() {
        Path backup = temporary.resolve("backup");
        Path elsewhere = temporary.resolve("elsewhere");
        assertThat(onStore("principal", "add", "alice", "--credentials-file", temporary.resolve("c")))
                .isZero();
        assertThat(onStore("keystore", "backup", backup)).isZero();
        assertThat(onStore("keystore", "backup", backup)).isEqualTo(1);
        assertThat(run("keystore", "verify-backup", backup, "--key-file", keyFile))
                .isZero();
        Path wrong = temporary.resolve("wrong");
        SealSecret.newKeyFile(wrong).close();
        assertThat(run("keystore", "restore", backup, elsewhere, "--key-file", wrong))
                .isEqualTo(4);
        assertThat(run("keystore", "restore", backup, elsewhere, "--key-file", keyFile))
                .isZero();
        assertThat(run("keystore", "restore", backup, elsewhere, "--key-file", keyFile))
                .isEqualTo(1);
        directory = elsewhere;
        assertThat(onStore("keystore", "verify")).isZero();
        assertThat(onStore("principal", "list")).isZero();
        assertThat(out.toString()).contains("user/alice");
    }

    @Test
    void aPassphraseSealOpensTooAndNoneIsEverAnArgument() throws IOException {
        Path passphrase = Files.writeString(temporary.resolve("p"), "correct horse battery\n");
        assertThat(onStore("keystore", "add-seal", "--seal-passphrase-file", passphrase))
                .isZero();
        assertThat(run("keystore", "seals", "--keystore", directory, "--passphrase-file", passphrase))
                .isZero();
        assertThat(out.toString()).contains("passphrase", "key-file");
        String first = out.toString().substring(0, 8);
        assertThat(onStore("keystore", "remove-seal", first)).isZero();
        assertThat(onStore("keystore", "verify")).isEqualTo(4);
        assertThat(run("keystore", "verify", "--keystore", directory, "--passphrase", "correct horse battery"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--passphrase").doesNotContain("correct horse");
    }

    @Test
    void commandsGoToTheOwnerWhileItServes() throws IOException {
        try (SealSecret secret = SealSecret.keyFile(keyFile);
                JournalWitness witness = witness();
                SqliteKeyStore store = SqliteKeyStore.open(directory, secret, witness);
                OwnerSocketServer server =
                        OwnerSocketServer.start(store, BucketCommands.withAllOthers(store, witness.journal()))) {
            Files.delete(keyFile); // the owner needs no secret from whoever asks it
            assertThat(onStore("principal", "add", "alice", "--credentials-file", temporary.resolve("c")))
                    .isZero();
            assertThat(onStore("keystore", "backup", temporary.resolve("backup")))
                    .isZero();
            assertThat(onStore("keystore", "rotate-mac-key")).isZero();
            assertThat(out.toString()).contains("MAC key 2");
        }
    }

    private JournalWitness witness() {
        return new JournalWitness(new StoreFiles(directory).audit(), JournalOptions.defaults());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyChangeLeavesItsEventsBeforeTheCommandEnds(boolean served) throws IOException {
        if (!served) {
            changeAll();
        } else {
            try (SealSecret secret = SealSecret.keyFile(keyFile);
                    JournalWitness witness = witness();
                    SqliteKeyStore store = SqliteKeyStore.open(directory, secret, witness);
                    OwnerSocketServer server =
                            OwnerSocketServer.start(store, BucketCommands.withAllOthers(store, witness.journal()))) {
                changeAll();
                assertThat(new BucketSettingsStore(store, BucketMode.STRICT).mode("photos"))
                        .isEqualTo(BucketMode.MIXED);
            }
        }
        List<JsonNode> events = events();
        assertThat(events)
                .extracting(event -> event.path("eventName").asText()
                        + (event.has("errorCode")
                                ? " " + event.path("errorCode").asText()
                                : ""))
                .containsExactly(
                        "CreateUser",
                        "PutUserPolicy",
                        "PutUserPolicy",
                        "CreateAccessKey",
                        "CreateUser Refused",
                        "CreateAccessKey",
                        "UpdateAccessKey",
                        "UpdateUser",
                        "PutUserPolicy",
                        "DeleteUserPolicy",
                        "DeleteAccessKey",
                        "DeleteUser",
                        "AddSeal",
                        "RemoveSeal Refused",
                        "RotateMacKey",
                        "BackupKeyStore",
                        "SetBucketMode",
                        "SetBucketMode Refused");
        assertThat(events).allSatisfy(event -> {
            boolean own = event.path("eventSource").asText().equals("sallyport.dev");
            assertThat(own || event.path("eventSource").asText().equals("iam.amazonaws.com"))
                    .isTrue();
            assertThat(event.path("eventType").asText()).isEqualTo(own ? "AwsServiceEvent" : "AwsApiCall");
            assertThat(event.path("userIdentity").path("arn").asText()).isEqualTo("arn:aws:iam::111122223333:root");
            assertThat(event.path("requestID").asText()).isNotEmpty();
        });
        JsonNode key = events.get(3).path("responseElements").path("accessKey");
        assertThat(key.path("accessKeyId").asText())
                .isEqualTo(credential(temporary.resolve("alice"), "aws_access_key_id"));
        assertThat(events.get(4).path("errorMessage").asText()).isEqualTo("principal alice exists already");
        assertThat(events.toString())
                .doesNotContain(credential(temporary.resolve("alice"), "aws_secret_access_key"))
                .doesNotContain("correct horse");
    }

    private void changeAll() throws IOException {
        Path policy = Files.writeString(
                temporary.resolve("read.json"),
                "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}");
        Path alice = temporary.resolve("alice");
        assertThat(onStore("principal", "add", "alice", "--admin", "--policy", policy, "--credentials-file", alice))
                .isZero();
        assertThat(onStore("principal", "add", "alice", "--credentials-file", temporary.resolve("again")))
                .isEqualTo(1);
        assertThat(onStore("principal", "rotate", "alice", "--credentials-file", temporary.resolve("second")))
                .isZero();
        String id = credential(alice, "aws_access_key_id");
        assertThat(onStore("principal", "disable", "alice", "--access-key", id)).isZero();
        assertThat(onStore("principal", "disable", "alice")).isZero();
        assertThat(onStore("principal", "list")).isZero();
        assertThat(onStore("principal", "policy", "put", "alice", policy)).isZero();
        assertThat(onStore("principal", "policy", "remove", "alice", "read")).isZero();
        assertThat(onStore("principal", "remove", "alice", "--access-key", id)).isZero();
        assertThat(onStore("principal", "remove", "alice")).isZero();
        Path passphrase = Files.writeString(temporary.resolve("p"), "correct horse battery\n");
        assertThat(onStore("keystore", "add-seal", "--seal-passphrase-file", passphrase))
                .isZero();
        assertThat(onStore("keystore", "remove-seal", "none")).isNotZero();
        assertThat(onStore("keystore", "rotate-mac-key")).isZero();
        assertThat(onStore("keystore", "backup", temporary.resolve("backup"))).isZero();
        assertThat(onStore("keystore", "verify")).isZero();
        assertThat(onStore("bucket", "set", "photos", "--mode", "mixed")).isZero();
        assertThat(onStore("bucket", "show", "photos")).isZero();
        assertThat(out.toString()).contains("mode: mixed", "alias/aws/s3");
        assertThat(onStore("bucket", "set", "photos", "--mode", "lax")).isEqualTo(1);
        assertThat(err.toString()).contains("strict, mixed or default");
    }

    private List<JsonNode> events() throws IOException {
        List<JsonNode> events = new ArrayList<>();
        JournalReader reader = new JournalReader(new StoreFiles(directory).audit());
        for (JournalRecord record : reader.last(100).events()) {
            events.add(new JsonMapper().readTree(record.json()));
        }
        return events;
    }

    @Test
    void aModeIsSetAndUnsetAndShown() throws IOException {
        assertThat(onStore("bucket", "show", "photos")).isZero();
        assertThat(out.toString()).contains("mode: default");
        assertThat(onStore("bucket", "set", "photos", "--mode", "strict")).isZero();
        assertThat(onStore("bucket", "show", "photos", "--json")).isZero();
        assertThat(new JsonMapper().readTree(out.toString()).path("mode").asText())
                .isEqualTo("strict");
        assertThat(onStore("bucket", "set", "photos", "--mode", "default")).isZero();
        assertThat(onStore("bucket", "show", "photos")).isZero();
        assertThat(out.toString()).contains("mode: default");
        assertThat(onStore("bucket", "show", "No_Bucket")).isEqualTo(1);
        assertThat(onStore("bucket", "set", "photos")).isEqualTo(2);
    }

    @Test
    void anAcceptedRestoreLeavesItsEvent() throws IOException {
        assertThat(onStore("keystore", "backup", temporary.resolve("backup"))).isZero();
        directory = temporary.resolve("elsewhere");
        assertThat(run("keystore", "restore", temporary.resolve("backup"), directory, "--key-file", keyFile))
                .isZero();
        assertThat(onStore("keystore", "accept-restore")).isZero();
        assertThat(events())
                .extracting(event -> event.path("eventName").asText())
                .containsExactly("AcceptRestore");
    }

    @Test
    void theJournalOfAConfigurationIsFound() throws IOException {
        assertThat(onStore("bucket", "set", "photos", "--mode", "mixed")).isZero();
        Path config = Files.writeString(
                temporary.resolve("sallyport.yaml"),
                "version: v1\nlisten: 127.0.0.1:0\nstore: {url: \"http://127.0.0.1:1\"}\nkeyStore: {directory: ks}\n");
        assertThat(run("audit", "tail", "--config", config)).isZero();
        assertThat(out.toString()).contains("SetBucketMode");
        assertThat(run("audit", "find", "-c", config, "--event", "SetBucketMode", "--principal", "root"))
                .isZero();
        assertThat(out.toString().lines()).hasSize(1);
        assertThat(run("audit", "verify", "--config", config)).isZero();
        assertThat(run("audit", "verify")).isEqualTo(2);
        assertThat(run("audit", "verify", "--config", config, "--journal", directory))
                .isEqualTo(2);
        Files.writeString(
                config,
                "version: v1\nlisten: nowhere\nstore: {url: \"http://127.0.0.1:1\"}\nkeyStore: {directory: ks}\n");
        assertThat(run("audit", "verify", "--config", config)).isEqualTo(1);
        assertThat(err.toString()).contains("sallyport.yaml:2: ", "check-config");
        assertThat(run("audit", "verify", "--config", temporary.resolve("none")))
                .isEqualTo(1);
    }

    @Test
    void wrongCommandLinesAreTwo() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("principal")).isEqualTo(2);
        assertThat(run("no-such")).isEqualTo(2);
        assertThat(run("keystore", "verify", "--keystore", temporary.resolve("none"), "--key-file", keyFile))
                .isEqualTo(1);
        assertThat(err.toString()).contains("is no key store");
        assertThat(run("init", directory, "--key-file", keyFile)).isEqualTo(1);
        assertThat(err.toString()).contains("holds a key store already");
        assertThat(run("version")).isZero();
    }
}

package dev.sallyport.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.audit.AuditEvent;
import dev.sallyport.kms.audit.AuditJournal;
import dev.sallyport.kms.audit.JournalOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AuditCommandTest {
    private static final Instant TIME = Instant.parse("2026-11-24T10:00:00Z");

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private AuditJournal journal;

    @BeforeEach
    void fill() throws IOException {
        journal = AuditJournal.open(directory, JournalOptions.defaults());
        for (int i = 0; i < 20; i++) {
            journal.append(event("r-" + i, i % 2 == 0 ? "Encrypt" : "Decrypt")).await();
        }
    }

    @AfterEach
    void close() throws IOException {
        journal.close();
    }

    private static AuditEvent event(String requestId, String name) {
        Caller alice = new Caller(
                "arn:aws:iam::111122223333:user/alice", "111122223333", "AIDAALICE", "alice", "AKIAALICE", null);
        CallContext call = new CallContext(
                alice, "us-east-1", requestId, "192.0.2.1", "agent", false, null, null, null, List.of());
        return new AuditEvent(call, TIME, name, true, null, null, List.of(), null, null, null);
    }

    private int run(String... arguments) {
        CommandLine line = SallyportCommand.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    @Test
    void tailsWhileTheJournalIsOpen() {
        assertThat(run("audit", "tail", "-n", "3", "--journal", directory.toString()))
                .isZero();
        assertThat(out.toString().lines())
                .hasSize(3)
                .allMatch(line -> line.startsWith("{\"eventVersion\":\"1.11\""))
                .last()
                .asString()
                .contains("\"r-19\"");
    }

    @Test
    void finds() {
        assertThat(run(
                        "audit",
                        "find",
                        "--journal",
                        directory.toString(),
                        "--event",
                        "Decrypt",
                        "--principal",
                        "alice",
                        "--since",
                        "2026-11-24",
                        "--until",
                        "2026-11-25",
                        "--outcome",
                        "success"))
                .isZero();
        assertThat(out.toString().lines()).hasSize(10);
        assertThat(run("audit", "find", "--journal", directory.toString(), "--since", "noon"))
                .isEqualTo(ExitCode.USAGE);
    }

    @Test
    void verifies() throws IOException {
        assertThat(run("audit", "verify", "--journal", directory.toString())).isZero();
        assertThat(out.toString()).contains("\"records\":20").contains("\"intact\":true");
        Path segment = directory.resolve("00000000000000000001.journal");
        byte[] bytes = Files.readAllBytes(segment);
        bytes[200] ^= 1;
        Files.write(segment, bytes);
        assertThat(run("audit", "verify", "--journal", directory.toString())).isEqualTo(ExitCode.INTEGRITY);
        assertThat(err.toString()).contains("00000000000000000001.journal");
    }

    @Test
    void saysInALineWhatIsMissing() {
        assertThat(run("audit", "tail", "--journal", directory.resolve("none").toString()))
                .isEqualTo(ExitCode.FAILED);
        assertThat(err.toString().lines()).hasSize(1);
    }
}

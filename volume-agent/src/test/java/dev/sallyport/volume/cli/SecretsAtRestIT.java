package dev.sallyport.volume.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.volume.testing.AgentProcess;
import dev.sallyport.volume.testing.NbdClient;
import dev.sallyport.volume.testing.Programs;
import dev.sallyport.volume.testing.TestKms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Neither plaintext nor a key is in an image, in what the agent says, in its arguments, or in a core file. */
class SecretsAtRestIT {
    private static final String NEEDLE = "a line of the volume that belongs to nobody else";
    private static final String PASSPHRASE = "break glass with this phrase";

    /** Starts a program with core files allowed, waits for a line of it, aborts it; whether it dumped. */
    private static final String ABORT = """
            import os, resource, signal, subprocess, sys
            hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
            resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
            child = subprocess.Popen(sys.argv[3:], stdout=subprocess.PIPE, cwd=sys.argv[1])
            line = ''
            while sys.argv[2] not in line:
                line = child.stdout.readline().decode()
                assert line, 'it ended'
                print(line.strip(), flush=True)
            os.kill(child.pid, signal.SIGABRT)
            status = os.waitpid(child.pid, 0)[1]
            assert os.WTERMSIG(status) == signal.SIGABRT
            print('dumped' if os.WCOREDUMP(status) else 'not dumped')
            """;

    @TempDir
    private Path work;

    private TestKms kms;
    private Path image;
    private String key;

    @BeforeEach
    void start() throws IOException {
        kms = new TestKms();
        key = kms.newKey();
        image = work.resolve("disk.img");
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    @Test
    void nothingSecretIsInImageOutputOrArguments() throws Exception {
        Path passphrase = Files.writeString(work.resolveSibling(work.getFileName() + ".passphrase"), PASSPHRASE);
        String next = kms.newKey();
        for (Object[] command : new Object[][] {
            {"create", image, "--size", "1M", "--key", key, "--break-glass-passphrase-file", passphrase},
            {"rekey", image, "--key", next},
            {"inspect", image},
            {"verify", image}
        }) {
            try (AgentProcess agent = AgentProcess.start(work, kms, command)) {
                assertThat(agent.await()).as(agent.errors()).isZero();
            }
        }
        Path socket = work.resolve("s");
        String arguments;
        try (AgentProcess agent = AgentProcess.start(work, kms, "attach", image, "--socket", socket)) {
            agent.awaitOutput("attached ");
            try (NbdClient client = new NbdClient(socket)) {
                byte[] block = NEEDLE.repeat(4096 / NEEDLE.length() + 1)
                        .substring(0, 4096)
                        .getBytes(UTF_8);
                assertThat(client.write(8192, block, NbdClient.FUA)).isZero();
                assertThat(client.read(8192, 4096)).isEqualTo(block);
            }
            Path process = Path.of("/proc", Long.toString(agent.process().pid()));
            arguments = Files.readString(process.resolve("cmdline"), ISO_8859_1);
        }
        assertThat(arguments).contains("attach", kms.endpoint());

        Map<Path, String> files = new LinkedHashMap<>();
        try (Stream<Path> all = Files.walk(work)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(file, Files.readString(file, ISO_8859_1));
            }
        }
        assertThat(files.keySet()).contains(image).hasSizeGreaterThan(10);
        for (String secret : secrets()) {
            files.forEach((file, content) ->
                    assertThat(content.contains(secret)).as(file.toString()).isFalse());
            assertThat(arguments).doesNotContain(secret);
        }
        // the control: the search finds what is there
        assertThat(files.get(image)).contains("sallyport-kms");
        Files.delete(passphrase);
    }

    /** Needle, passphrase, and every key that the KMS gave out: as it is, in halves, in hexadecimal and in base64. */
    private List<String> secrets() {
        List<String> all = new ArrayList<>(List.of(NEEDLE, PASSPHRASE));
        assertThat(kms.secrets()).isNotEmpty();
        for (byte[] secret : kms.secrets()) {
            for (int at = 0; at < secret.length; at += 32) {
                byte[] part = Arrays.copyOfRange(secret, at, at + 32);
                all.add(new String(part, ISO_8859_1));
                all.add(HexFormat.of().formatHex(part));
                all.add(Base64.getEncoder().withoutPadding().encodeToString(part));
            }
            all.add(Base64.getEncoder().encodeToString(secret));
            all.add(Base64.getEncoder().encodeToString(Arrays.copyOf(secret, 64)));
        }
        return all;
    }

    private String abort(String line, List<String> command) throws Exception {
        List<Object> all = new ArrayList<>(List.of("-c", ABORT, Files.createTempDirectory(work, "cwd"), line));
        all.addAll(command);
        return Programs.succeed("python3", all.toArray());
    }

    @Test
    void anAbortedAgentLeavesNoCoreFile() throws Exception {
        Programs.require("python3");
        Assumptions.assumeTrue(
                abort("ready", List.of("sh", "-c", "echo ready; exec sleep 60")).contains("\ndumped"),
                "no process dumps core here, so that nothing is shown");
        new Commands(kms).succeed("create", image, "--size", "1M", "--key", key);
        List<String> attach = new ArrayList<>(List.of(
                "env",
                "AWS_ACCESS_KEY_ID=AKIAEXAMPLE",
                "AWS_SECRET_ACCESS_KEY=example",
                "SALLYPORT_RUNTIME_DIR=" + work.resolve("run")));
        attach.addAll(AgentProcess.java(
                "dev.sallyport.volume.Main",
                "attach",
                image,
                "--socket",
                work.resolve("s"),
                "--kms-endpoint",
                kms.endpoint()));
        String output = abort("attached ", attach);
        assertThat(output).contains("attached ", "\nnot dumped");
    }
}

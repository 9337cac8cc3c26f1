package dev.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.cli.SallyportCommand;
import dev.sallyport.gateway.testing.EmbeddedS3Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** What the gateway acknowledged is there after kill -9 and after a power cut. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class KillLoopIT {
    private static final Path FAULT = Path.of("..", "kms-core", "src", "test", "fault");

    @TempDir
    Path work;

    private EmbeddedS3Store store;
    private Path keys;
    private KillLoad load;

    @BeforeEach
    void makeKeyStore() throws Exception {
        work = work.toRealPath();
        keys = work.resolve("keys");
        store = new EmbeddedS3Store();
        Path passphrase = Files.writeString(work.resolve("passphrase"), GatewayProcess.PASSPHRASE);
        Path admin = work.resolve("admin");
        command("init", keys.toString(), "--passphrase-file", passphrase.toString());
        command(
                "principal",
                "add",
                "admin",
                "--admin",
                "--keystore",
                keys.toString(),
                "--passphrase-file",
                passphrase.toString(),
                "--credentials-file",
                admin.toString());
        load = new KillLoad(work, admin);
    }

    @AfterEach
    void stopStore() {
        store.close();
    }

    private static void command(String... arguments) {
        assertThat(SallyportCommand.run(arguments)).as(arguments[0]).isZero();
    }

    private void makeBucket(GatewayProcess gateway) throws Exception {
        try (S3Client s3 = KillLoad.s3(gateway.endpoint(), work.resolve("admin"))) {
            s3.createBucket(r -> r.bucket(KillLoad.BUCKET));
        }
    }

    @Test
    void keepsWhatItAcknowledgedWhenKilled() throws Exception {
        int rounds = Integer.getInteger("sallyport.kill.rounds", 2);
        assertThat(rounds).isPositive();
        for (int round = 0; round < rounds; round++) {
            try (GatewayProcess gateway = GatewayProcess.start(work, keys, store, Map.of())) {
                if (round == 0) {
                    makeBucket(gateway);
                }
                load.runAndKill(gateway, keys);
            }
            try (GatewayProcess again = GatewayProcess.start(work, keys, store, Map.of())) {
                load.check(again, keys);
            }
        }
    }

    @Test
    void keepsWhatItAcknowledgedWhenThePowerFails() throws Exception {
        for (String tool : List.of("cc", "python3")) {
            if (Boolean.parseBoolean(System.getenv("SALLYPORT_REQUIRE_CLIENTS"))) {
                assertThat(has(tool)).as(tool + " is required").isTrue();
            }
            Assumptions.assumeTrue(has(tool), tool + " is missing");
        }
        Path library = work.resolve("libfaultlayer.so");
        run(
                "cc",
                "-shared",
                "-fPIC",
                "-O2",
                "-o",
                library.toString(),
                FAULT.resolve("faultlayer.c").toString(),
                "-ldl");
        Path base = work.resolve("base");
        copyRegularFiles(keys, base);
        Path log = work.resolve("writes");
        Map<String, String> recorded =
                Map.of("LD_PRELOAD", library.toString(), "FAULT_ROOT", keys.toString(), "FAULT_LOG", log.toString());
        try (GatewayProcess gateway = GatewayProcess.start(work, keys, store, recorded)) {
            makeBucket(gateway);
            load.runAndKill(gateway, keys);
        }
        assertThat(log).isNotEmptyFile();
        for (List<String> unsynced : List.of(List.of("none"), List.of("random", "--seed", "7"))) {
            Path rebuilt = work.resolve("cut-" + unsynced.getFirst());
            run(Stream.concat(
                            Stream.of(
                                    "python3",
                                    FAULT.resolve("replay.py").toString(),
                                    log.toString(),
                                    keys.toString(),
                                    base.toString(),
                                    rebuilt.toString(),
                                    "--unsynced"),
                            unsynced.stream())
                    .toArray(String[]::new));
            try (GatewayProcess again = GatewayProcess.start(work, rebuilt, store, Map.of())) {
                load.check(again, rebuilt);
            }
        }
    }

    private static boolean has(String tool) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
    }

    private void run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(work, "command", ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int code = process.waitFor();
        assertThat(code)
                .as(() -> {
                    try {
                        return command[0] + ": " + Files.readString(output);
                    } catch (IOException e) {
                        return command[0];
                    }
                })
                .isZero();
    }

    private static void copyRegularFiles(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else if (Files.isRegularFile(path)) {
                    Files.copy(path, target);
                }
            }
        }
    }
}

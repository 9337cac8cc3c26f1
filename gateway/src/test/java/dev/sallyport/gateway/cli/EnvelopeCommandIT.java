package dev.sallyport.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.testing.EmbeddedS3Store;
import dev.sallyport.gateway.testing.GatewayFixture;
import dev.sallyport.gateway.testing.S3Store;
import dev.sallyport.kms.seal.SealSecret;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.kms.KmsClient;

/** The commands as processes of their own, with a gateway's KMS, its credentials from the environment, and pipes. */
class EnvelopeCommandIT {
    private static final File NOTHING = new File("/dev/null");

    @TempDir
    Path directory;

    private Map<String, String> environment = Map.of();
    private String errors = "";

    private int run(File in, File out, List<String> program) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        command.addAll(program);
        File log = directory.resolve("errors").toFile();
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(in)
                .redirectOutput(out)
                .redirectError(log);
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_") || name.startsWith("SALLYPORT_"));
        builder.environment().put("HOME", directory.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        assertThat(ended).isTrue();
        errors = Files.readString(log.toPath());
        return process.exitValue();
    }

    private int sallyport(File in, File out, String... arguments) throws Exception {
        List<String> program = new ArrayList<>(List.of("dev.sallyport.gateway.Main"));
        program.addAll(Arrays.asList(arguments));
        int code = run(in, out, program);
        assertThat(errors.lines().count()).as(errors).isEqualTo(code == 0 ? 0 : 1);
        return code;
    }

    @Test
    void aRemoteKeyAndAKeyFileThroughPipes() throws Exception {
        byte[] content = new byte[40_000_000];
        new Random(2).nextBytes(content);
        File plain = Files.write(directory.resolve("plain"), content).toFile();
        File sealed = directory.resolve("sealed").toFile();
        File back = directory.resolve("back").toFile();
        Path key = directory.resolve("offline.key");
        SealSecret.newKeyFile(key).close();
        try (S3Store store = new EmbeddedS3Store();
                GatewayFixture gateway = GatewayFixture.start(store, directory);
                KmsClient kms = gateway.kms(gateway.administrator())) {
            String arn = kms.createKey(r -> {}).keyMetadata().arn();
            kms.createAlias(r -> r.aliasName("alias/envelopes").targetKeyId(arn));
            environment = Map.of(
                    "AWS_ENDPOINT_URL",
                    gateway.endpoint().toString(),
                    "AWS_REGION",
                    arn.split(":", -1)[3],
                    "AWS_ACCESS_KEY_ID",
                    gateway.administrator().accessKeyId(),
                    "AWS_SECRET_ACCESS_KEY",
                    gateway.administrator().secretAccessKey());
            String[] encrypt = {"encrypt", "-", "--key", "alias/envelopes", "--key", "file:" + key, "--context", "a=b"};
            assertThat(sallyport(plain, sealed, encrypt)).isZero();

            // by whatever key the envelope names, by the alias, by the file without any KMS
            assertThat(sallyport(sealed, back, "decrypt", "-")).isZero();
            assertThat(back.toPath()).hasBinaryContent(content);
            assertThat(sallyport(sealed, back, "decrypt", "-", "--key", "alias/envelopes", "--context", "a=b"))
                    .isZero();
            assertThat(back.toPath()).hasBinaryContent(content);
            kms.disableKey(r -> r.keyId(arn));
            assertThat(sallyport(sealed, NOTHING, "decrypt", "-")).isEqualTo(1);
            assertThat(errors).contains("DisabledException");
            assertThat(sallyport(sealed, back, "decrypt", "-", "--key", "file:" + key))
                    .isZero();
            assertThat(back.toPath()).hasBinaryContent(content);
            kms.enableKey(r -> r.keyId(arn));

            byte[] envelope = Files.readAllBytes(sealed.toPath());
            Files.write(sealed.toPath(), Arrays.copyOf(envelope, 20_000_000));
            assertThat(sallyport(sealed, back, "decrypt", "-")).isEqualTo(5);
            assertThat(errors).contains("the output is incomplete");
            byte[] part = Files.readAllBytes(back.toPath());
            assertThat(part.length).isGreaterThan(19_000_000).isLessThan(20_000_000);
            assertThat(part).isEqualTo(Arrays.copyOf(content, part.length));

            environment = Map.of(
                    "AWS_ENDPOINT_URL",
                    gateway.endpoint().toString(),
                    "AWS_REGION",
                    arn.split(":", -1)[3],
                    "AWS_ACCESS_KEY_ID",
                    gateway.stranger().accessKeyId(),
                    "AWS_SECRET_ACCESS_KEY",
                    gateway.stranger().secretAccessKey());
            assertThat(sallyport(plain, sealed, "encrypt", "-", "--key", arn)).isEqualTo(1);
            assertThat(errors).contains("AccessDeniedException");
            assertThat(sealed).isEmpty();
        }
    }

    @Test
    void theExampleRunsFromItsSource() throws Exception {
        try (S3Store store = new EmbeddedS3Store();
                GatewayFixture gateway = GatewayFixture.start(store, directory);
                KmsClient kms = gateway.kms(gateway.administrator())) {
            String arn = kms.createKey(r -> {}).keyMetadata().arn();
            environment = Map.of(
                    "AWS_ENDPOINT_URL",
                    gateway.endpoint().toString(),
                    "AWS_REGION",
                    arn.split(":", -1)[3],
                    "AWS_ACCESS_KEY_ID",
                    gateway.administrator().accessKeyId(),
                    "AWS_SECRET_ACCESS_KEY",
                    gateway.administrator().secretAccessKey(),
                    "SALLYPORT_KEY_ARN",
                    arn);
            File out = directory.resolve("out").toFile();
            String source =
                    Path.of("..", "examples", "clients", "Envelopes.java").toString();
            assertThat(run(NOTHING, out, List.of(source))).as(errors).isZero();
            assertThat(Files.readString(out.toPath()))
                    .contains("any of: " + arn)
                    .contains("all 2 keys are needed")
                    .contains("was altered");
        }
    }
}

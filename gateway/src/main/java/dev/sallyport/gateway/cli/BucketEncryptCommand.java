package dev.sallyport.gateway.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.gateway.reencrypt.EncryptClient;
import dev.sallyport.gateway.reencrypt.EncryptMarker;
import dev.sallyport.gateway.reencrypt.EncryptProgress;
import dev.sallyport.gateway.reencrypt.EncryptRun;
import dev.sallyport.gateway.reencrypt.EncryptSettings;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport bucket encrypt}: what is in a bucket already, in place. */
@Command(
        name = "encrypt",
        description = {
            "Encrypts or re-wraps all objects of a bucket in place, under one KMS key, through the gateway.",
            "Objects that are under that key are skipped; a run that was cut short goes on where it was.",
            "The principal needs to list, read and write the bucket, and to use both keys. Objects that the",
            "gateway did not write need mode mixed (sallyport bucket set) while it runs."
        },
        mixinStandardHelpOptions = true)
final class BucketEncryptCommand implements Callable<Integer> {
    private static final int BAR = 30;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "BUCKET", description = "The gateway's name of the bucket.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String bucket;

    @Option(
            names = "--endpoint",
            required = true,
            defaultValue = "${env:AWS_ENDPOINT_URL}",
            paramLabel = "URL",
            description = "The gateway; else AWS_ENDPOINT_URL.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private URI endpoint;

    @Option(names = "--kms-key", required = true, paramLabel = "KEY", description = "Id, ARN or alias of the KMS key.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String key;

    @Option(
            names = "--credentials-file",
            paramLabel = "FILE",
            description = "As `principal add` writes it; else AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    private @Nullable Path credentials;

    @Option(names = "--bucket-key", description = "Wrap data keys under a bucket key.")
    private boolean bucketKey;

    @Option(names = "--prefix", defaultValue = "", paramLabel = "PREFIX", description = "Only keys that begin so.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String prefix;

    @Option(
            names = "--concurrency",
            defaultValue = "4",
            paramLabel = "N",
            description = "Objects at a time, 1 to 64 (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description = "Where it notes how far it is (default: BUCKET.encrypt-state, here).")
    private @Nullable Path state;

    @Option(
            names = "--region",
            defaultValue = "us-east-1",
            paramLabel = "REGION",
            description = "The gateway's (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String region;

    @Option(names = "--ca", paramLabel = "FILE", description = "PEM file of authorities for the gateway's certificate.")
    private @Nullable Path ca;

    @Option(names = "--json", description = "Progress as lines of JSON.")
    private boolean json;

    @Override
    public Integer call() {
        if (concurrency < 1 || concurrency > 64) {
            throw new CommandFailedException(ExitCode.USAGE, "--concurrency is 1 to 64");
        }
        if (endpoint.getHost() == null) {
            throw new CommandFailedException(ExitCode.USAGE, "--endpoint is a URL such as http://127.0.0.1:9000");
        }
        EncryptProgress.Counts counts;
        try (EncryptClient client = client()) {
            EncryptSettings settings = new EncryptSettings(bucket, prefix, client.keyArn(key), bucketKey, concurrency);
            Path file = state == null ? Path.of(bucket + ".encrypt-state") : state;
            counts = new EncryptRun(
                            client,
                            settings,
                            new EncryptMarker(file, endpoint.toString(), settings),
                            new Shown(spec.commandLine().getOut(), json))
                    .run();
        } catch (IOException e) {
            throw new CommandFailedException(ExitCode.FAILED, String.valueOf(e.getMessage()));
        }
        if (counts.failed() > 0) {
            throw new CommandFailedException(
                    ExitCode.FAILED,
                    counts.failed() + " objects were not encrypted; run it again when the cause is gone");
        }
        return ExitCode.OK;
    }

    private EncryptClient client() throws IOException {
        Map<String, String> environment = System.getenv();
        String id = environment.get("AWS_ACCESS_KEY_ID");
        String secret = environment.get("AWS_SECRET_ACCESS_KEY");
        if (credentials != null) {
            id = setting(credentials, "aws_access_key_id");
            secret = setting(credentials, "aws_secret_access_key");
        }
        if (id == null || secret == null) {
            throw new CommandFailedException(
                    ExitCode.USAGE,
                    "no credentials: --credentials-file, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
        }
        return new EncryptClient(endpoint, region, id, secret, ca);
    }

    /** The first of that name. */
    private static @Nullable String setting(Path file, String name) throws IOException {
        if (Files.size(file) > 64 * 1024) {
            throw new IOException(file + " is no credentials file");
        }
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            int equals = line.indexOf('=');
            if (equals > 0 && line.substring(0, equals).strip().equals(name)) {
                return line.substring(equals + 1).strip();
            }
        }
        return null;
    }

    /** A bar on a terminal, else a line now and then. */
    private static final class Shown implements EncryptProgress {
        private final PrintWriter out;
        private final boolean json;
        private final boolean terminal;

        Shown(PrintWriter out, boolean json) {
            this.out = out;
            this.json = json;
            this.terminal = !json && onTerminal();
        }

        // Null where streams are redirected and the JDK's plain console is the one in use, whatever the check says.
        @SuppressWarnings("SystemConsoleNull")
        private static boolean onTerminal() {
            Console console = System.console();
            return console != null && console.isTerminal();
        }

        @Override
        public void at(Counts counts) {
            if (json) {
                out.println(JsonNodeFactory.instance
                        .objectNode()
                        .put("total", counts.total())
                        .put("encrypted", counts.encrypted())
                        .put("skipped", counts.skipped())
                        .put("failed", counts.failed()));
            } else {
                String line = counts.done() + " of " + counts.total() + " objects: " + counts.encrypted()
                        + " encrypted, " + counts.skipped() + " skipped, " + counts.failed() + " failed";
                if (terminal) {
                    int filled = counts.total() == 0 ? BAR : (int) Math.min(BAR, BAR * counts.done() / counts.total());
                    out.print("\r[" + "#".repeat(filled) + "-".repeat(BAR - filled) + "] " + line);
                    if (counts.done() >= counts.total()) {
                        out.println();
                    }
                } else {
                    out.println(line);
                }
            }
            out.flush();
        }

        @Override
        public void failed(String key, String why) {
            if (json) {
                ObjectNode failure = JsonNodeFactory.instance.objectNode();
                out.println(failure.put("key", key).put("error", why));
            } else {
                out.println((terminal ? "\n" : "") + "not encrypted: " + key + ": " + why);
            }
            out.flush();
        }
    }
}

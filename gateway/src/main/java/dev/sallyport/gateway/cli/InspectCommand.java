package dev.sallyport.gateway.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.envelope.EnvelopeHeader;
import dev.sallyport.kms.envelope.EnvelopeReader;
import dev.sallyport.kms.envelope.KeyWrap;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport inspect}: what the header of an envelope says. */
@Command(
        name = "inspect",
        description = {
            "Shows which keys open an envelope, and how it was made; decrypts nothing.",
            "With keys or a KMS, its header is authenticated too."
        },
        mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The envelope, or - for the standard input.")
    private String from = "";

    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Mixin
    private final EnvelopeKeyOptions options = new EnvelopeKeyOptions();

    @Override
    public Integer call() throws IOException {
        EnvelopeHeader header;
        boolean verified;
        try (EnvelopeKeyOptions keys = options;
                InputStream in = EnvelopeFiles.open(from)) {
            verified = keys.given();
            header = verified
                    ? EnvelopeReader.with(keys.openers())
                            .requiring(keys.context())
                            .verifyHeader(in)
                    : EnvelopeHeader.read(in);
        }
        PrintWriter out = spec.commandLine().getOut();
        ObjectNode shown = describe(header, verified);
        if (json) {
            out.println(shown);
        } else {
            print(out, shown);
        }
        out.flush();
        return ExitCode.OK;
    }

    private ObjectNode describe(EnvelopeHeader header, boolean verified) throws IOException {
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        shown.put("version", 1)
                .put("id", header.id())
                .put(
                        "cipher",
                        switch (header.plan()) {
                            case AES_256_GCM -> "AES-256-GCM";
                            case CASCADE -> "AES-256-GCM inside ChaCha20-Poly1305";
                        })
                .put("segmentBytes", header.plan().segmentBytes())
                .put(
                        "keys",
                        header.combination().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        ArrayNode wraps = shown.putArray("wrappedUnder");
        for (KeyWrap wrap : header.wraps()) {
            wraps.addObject()
                    .put("provider", wrap.providerName())
                    .put("key", wrap.keyId())
                    .put("bytes", wrap.bytes().length);
        }
        ObjectNode context = shown.putObject("encryptionContext");
        header.context().pairs().forEach(context::put);
        shown.put("headerBytes", header.length());
        if (!from.equals("-")) {
            shown.put("plaintextBytes", header.plaintextLength(Files.size(Path.of(from))));
        }
        return shown.put("headerVerified", verified);
    }

    /** JSON's own quoting for whatever the envelope brought, so that nothing of it reaches the terminal raw. */
    private static void print(PrintWriter out, ObjectNode shown) {
        shown.properties().forEach(field -> {
            if (field.getValue() instanceof ArrayNode wraps) {
                wraps.forEach(
                        wrap -> out.println("wrapped under: " + wrap.path("key").asText() + " ("
                                + wrap.path("provider").asText() + ")"));
            } else {
                out.println(words(field.getKey()) + ": "
                        + (field.getValue().isTextual() ? field.getValue().asText() : field.getValue()));
            }
        });
    }

    private static String words(String name) {
        return name.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
    }
}

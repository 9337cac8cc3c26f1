package dev.sallyport.gateway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.gateway.bucket.BucketCommands;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport bucket}: settings of single buckets. */
@Command(
        name = "bucket",
        description = "Settings of single buckets. A change is in force when the command returns.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = BucketEncryptCommand.class)
final class BucketCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing; see: sallyport bucket --help");
    }

    @Command(
            name = "show",
            description = "Shows the mode and the default encryption that were set for a bucket.",
            mixinStandardHelpOptions = true)
    int show(
            @Mixin KeyStoreAccess keyStore,
            @Parameters(paramLabel = "BUCKET", description = "The gateway's name of the bucket.") String bucket,
            @Option(names = "--json", description = "As JSON.") boolean json) {
        JsonNode found = keyStore.call(BucketCommands.SHOW, arguments(bucket));
        if (json) {
            print(found.toPrettyString());
            return ExitCode.OK;
        }
        print("mode: " + orElse(found.path("mode"), "default (buckets.defaultMode of the configuration)"));
        JsonNode encryption = found.path("encryption");
        print(
                encryption.isMissingNode()
                        ? "default encryption: none was set (aws:kms under alias/aws/s3)"
                        : "default encryption: aws:kms under "
                                + orElse(encryption.path("key"), "alias/aws/s3")
                                + (encryption.path("bucketKey").asBoolean() ? ", with a bucket key" : ""));
        return ExitCode.OK;
    }

    @Command(
            name = "set",
            description = {
                "Sets what is made of objects in a bucket that the gateway did not write.",
                "strict: they are listed and never served. mixed: they are served as they are.",
                "default: as buckets.defaultMode of the configuration says."
            },
            mixinStandardHelpOptions = true)
    int set(
            @Mixin KeyStoreAccess keyStore,
            @Parameters(paramLabel = "BUCKET", description = "The gateway's name of the bucket.") String bucket,
            @Option(
                            names = "--mode",
                            required = true,
                            paramLabel = "strict|mixed|default",
                            description = "What is made of objects that the gateway did not write.")
                    String mode) {
        keyStore.call(BucketCommands.SET_MODE, arguments(bucket).put("mode", mode));
        return ExitCode.OK;
    }

    private static String orElse(JsonNode text, String otherwise) {
        return text.isTextual() ? text.textValue() : otherwise;
    }

    private static ObjectNode arguments(String bucket) {
        return JsonNodeFactory.instance.objectNode().put("bucket", bucket);
    }

    private void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}

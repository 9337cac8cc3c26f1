package dev.sallyport.gateway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.principal.PrincipalCommands;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport principal}: who may use the gateway. */
@Command(
        name = "principal",
        description = "Users with access keys and IAM policies. A change is in force when the command returns.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = PrincipalPolicyCommand.class)
final class PrincipalCommand implements Runnable {
    private static final int MAX_POLICY_FILE = 64 * 1024;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing; see: sallyport principal --help");
    }

    @Command(
            name = "add",
            description = "Adds a user with one access key, whose secret is written once, to a file of mode 0600.",
            mixinStandardHelpOptions = true)
    int add(
            @Mixin KeyStoreAccess keyStore,
            @Parameters(paramLabel = "NAME", description = "The user's name.") String name,
            @Option(
                            names = "--policy",
                            paramLabel = "FILE",
                            description = "IAM policy document to attach, named by its file; may be repeated.")
                    @Nullable List<Path> policies,
            @Option(names = "--admin", description = "Attaches AdministratorAccess, which allows everything.")
                    boolean admin,
            @Option(
                            names = "--credentials-file",
                            required = true,
                            paramLabel = "FILE",
                            description = "Where the credentials go, in the form of an AWS credentials file.")
                    Path credentials) {
        ObjectNode arguments = arguments(name).put("admin", admin);
        ObjectNode documents = arguments.putObject("policies");
        for (Path file : policies == null ? List.<Path>of() : policies) {
            String policy = policyName(file);
            if (documents.has(policy)) {
                throw new CommandFailedException(ExitCode.USAGE, "two policy files are named " + policy);
            }
            documents.put(policy, readPolicy(file));
        }
        return makeKey(keyStore, PrincipalCommands.ADD, arguments, credentials);
    }

    @Command(
            name = "rotate",
            description = "Makes a second access key; the first goes on working until it is disabled or removed.",
            mixinStandardHelpOptions = true)
    int rotate(
            @Mixin KeyStoreAccess keyStore,
            @Parameters(paramLabel = "NAME", description = "The user's name.") String name,
            @Option(
                            names = "--credentials-file",
                            required = true,
                            paramLabel = "FILE",
                            description = "Where the credentials go, in the form of an AWS credentials file.")
                    Path credentials) {
        return makeKey(keyStore, PrincipalCommands.ROTATE, arguments(name), credentials);
    }

    /** The file first, so that no key is made whose secret then has nowhere to go. */
    private int makeKey(KeyStoreAccess keyStore, String command, ObjectNode arguments, Path credentials) {
        try (NewFile file = NewFile.create(credentials)) {
            JsonNode key = keyStore.call(command, arguments);
            byte[] text = ("[default]\naws_access_key_id = "
                            + key.path("accessKeyId").asText()
                            + "\naws_secret_access_key = "
                            + key.path("secretAccessKey").asText() + "\n")
                    .getBytes(StandardCharsets.US_ASCII);
            file.write(text);
            Arrays.fill(text, (byte) 0);
            file.keep();
            print("access key " + key.path("accessKeyId").asText() + " of "
                    + key.path("arn").asText() + " is in " + credentials);
        }
        return ExitCode.OK;
    }

    @Command(name = "list", description = "Lists users, keys and policies.", mixinStandardHelpOptions = true)
    int list(@Mixin KeyStoreAccess keyStore, @Option(names = "--json", description = "As JSON.") boolean json) {
        JsonNode list = keyStore.call(PrincipalCommands.LIST, JsonNodeFactory.instance.objectNode());
        if (json) {
            print(list.toPrettyString());
            return ExitCode.OK;
        }
        for (JsonNode principal : list) {
            print(principal.path("arn").asText() + "  "
                    + state(principal.path("enabled").asBoolean()) + "  policies: " + principal.path("policies"));
            for (JsonNode key : principal.path("accessKeys")) {
                print("  " + key.path("id").asText() + "  "
                        + state(key.path("active").asBoolean()) + "  since "
                        + key.path("created").asText());
            }
        }
        return ExitCode.OK;
    }

    private static String state(boolean enabled) {
        return enabled ? "enabled" : "disabled";
    }

    @Command(
            name = "disable",
            description = "Switches a user, or one access key of it, off.",
            mixinStandardHelpOptions = true)
    int disable(
            @Mixin KeyStoreAccess keyStore,
            @Parameters(paramLabel = "NAME", description = "The user's name.") String name,
            @Option(names = "--access-key", paramLabel = "ID", description = "Only this access key.") @Nullable String accessKey) {
        return setEnabled(keyStore, name, accessKey, false);
    }

    @Command(
            name = "enable",
            description = "Switches a user, or one access key of it, on.",
            mixinStandardHelpOptions = true)
    int enable(
            @Mixin KeyStoreAccess keyStore,
            @Parameters(paramLabel = "NAME", description = "The user's name.") String name,
            @Option(names = "--access-key", paramLabel = "ID", description = "Only this access key.") @Nullable String accessKey) {
        return setEnabled(keyStore, name, accessKey, true);
    }

    private static int setEnabled(KeyStoreAccess keyStore, String name, @Nullable String accessKey, boolean enabled) {
        keyStore.call(
                PrincipalCommands.SET_ENABLED,
                arguments(name).put("accessKeyId", accessKey).put("enabled", enabled));
        return ExitCode.OK;
    }

    @Command(
            name = "remove",
            description = "Removes a user with its keys and policies, or one access key of it.",
            mixinStandardHelpOptions = true)
    int remove(
            @Mixin KeyStoreAccess keyStore,
            @Parameters(paramLabel = "NAME", description = "The user's name.") String name,
            @Option(names = "--access-key", paramLabel = "ID", description = "Only this access key.") @Nullable String accessKey) {
        keyStore.call(PrincipalCommands.REMOVE, arguments(name).put("accessKeyId", accessKey));
        return ExitCode.OK;
    }

    private void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    static ObjectNode arguments(String name) {
        return JsonNodeFactory.instance.objectNode().put("name", name);
    }

    /** The file's name without {@code .json}. */
    static String policyName(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith(".json") ? name.substring(0, name.length() - 5) : name;
    }

    static String readPolicy(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_POLICY_FILE);
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CommandFailedException(ExitCode.FAILED, "policy file " + file + " is not UTF-8");
        } catch (IOException e) {
            throw new CommandFailedException(
                    ExitCode.FAILED,
                    "cannot read policy file " + file + ": " + e.getClass().getSimpleName());
        }
    }
}

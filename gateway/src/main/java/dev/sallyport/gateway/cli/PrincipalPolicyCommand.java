package dev.sallyport.gateway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.kms.principal.PrincipalCommands;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport principal policy}: what a user may do. */
@Command(
        name = "policy",
        description = "The IAM policy documents of a user.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class PrincipalPolicyCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a command is missing; see: sallyport principal policy --help");
    }

    @Command(
            name = "put",
            description = "Attaches a document, or replaces the one of that name.",
            mixinStandardHelpOptions = true)
    int put(
            @Mixin KeyStoreAccess keyStore,
            @Parameters(index = "0", paramLabel = "NAME", description = "The user's name.") String name,
            @Parameters(index = "1", paramLabel = "FILE", description = "The document.") Path file,
            @Option(
                            names = "--name",
                            paramLabel = "POLICY",
                            description = "The policy's name; else the file's, without .json.")
                    @Nullable String policy) {
        keyStore.call(
                PrincipalCommands.POLICY_PUT,
                PrincipalCommand.arguments(name)
                        .put("policy", policy == null ? PrincipalCommand.policyName(file) : policy)
                        .put("document", PrincipalCommand.readPolicy(file)));
        return ExitCode.OK;
    }

    @Command(
            name = "list",
            description = "Prints the documents of a user, as JSON by name.",
            mixinStandardHelpOptions = true)
    int list(
            @Mixin KeyStoreAccess keyStore,
            @Parameters(paramLabel = "NAME", description = "The user's name.") String name) {
        JsonNode policies = keyStore.call(PrincipalCommands.POLICY_LIST, PrincipalCommand.arguments(name));
        PrintWriter out = spec.commandLine().getOut();
        out.println(policies.toPrettyString());
        out.flush();
        return ExitCode.OK;
    }

    @Command(name = "remove", description = "Detaches a document.", mixinStandardHelpOptions = true)
    int remove(
            @Mixin KeyStoreAccess keyStore,
            @Parameters(index = "0", paramLabel = "NAME", description = "The user's name.") String name,
            @Parameters(index = "1", paramLabel = "POLICY", description = "The policy's name.") String policy) {
        keyStore.call(
                PrincipalCommands.POLICY_REMOVE,
                PrincipalCommand.arguments(name).put("policy", policy));
        return ExitCode.OK;
    }
}

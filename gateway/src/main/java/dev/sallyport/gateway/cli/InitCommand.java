package dev.sallyport.gateway.cli;

import dev.sallyport.kms.audit.JournalOptions;
import dev.sallyport.kms.audit.JournalWitness;
import dev.sallyport.kms.principal.Account;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.MacKeys;
import dev.sallyport.kms.store.SqliteKeyStore;
import dev.sallyport.kms.store.StoreFiles;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport init}: makes an empty key store with one seal. */
@Command(
        name = "init",
        description = "Makes a key store in a new directory, sealed by a passphrase or a key file.",
        mixinStandardHelpOptions = true)
final class InitCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "DIR", description = "Directory of the key store; made with mode 0700.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path directory;

    @Mixin
    private final SecretOptions secrets = new SecretOptions();

    @Option(
            names = "--new-key-file",
            paramLabel = "FILE",
            description = "Makes a key file of 32 random bytes, mode 0600, and seals with it.")
    private @Nullable Path newKeyFile;

    @Option(
            names = "--account-id",
            paramLabel = "ID",
            defaultValue = Account.DEFAULT,
            description = "Account of the keys and principals, twelve digits (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String accountId;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (!accountId.matches("[0-9]{12}")) {
            throw new CommandFailedException(ExitCode.USAGE, "--account-id has twelve digits");
        }
        try (SealSecret secret = newKeyFile == null ? secrets.secret() : SealSecret.newKeyFile(newKeyFile)) {
            SqliteKeyStore.create(directory, secret, writer -> Account.put(writer, accountId));
            try (JournalWitness witness =
                            new JournalWitness(new StoreFiles(directory).audit(), JournalOptions.defaults());
                    SqliteKeyStore store = SqliteKeyStore.open(directory, secret, witness)) {
                MacKeys.open(store).close();
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("Made the key store " + directory + " for account " + accountId + ".");
        out.println("Keep its passphrase or key file elsewhere: without it nothing that was encrypted can be read.");
        out.println("Next:");
        out.println("  sallyport principal add NAME --admin --keystore " + directory + " --credentials-file FILE");
        out.println("  sallyport keystore backup FILE --keystore " + directory);
        out.println("  sallyport serve --config FILE");
        out.flush();
        return ExitCode.OK;
    }
}

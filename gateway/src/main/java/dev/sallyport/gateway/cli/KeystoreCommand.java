package dev.sallyport.gateway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.Backups;
import dev.sallyport.kms.store.StoreCommands;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport keystore}: the key store as a whole. */
@Command(
        name = "keystore",
        description = "Backs up, restores and checks the key store, and changes its seals.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = InitCommand.class)
final class KeystoreCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing; see: sallyport keystore --help");
    }

    @Command(
            name = "backup",
            description = "Writes one sealed file of everything in the key store, also while it serves.",
            mixinStandardHelpOptions = true)
    int backup(
            @Mixin KeyStoreAccess keyStore,
            @Parameters(paramLabel = "FILE", description = "The file to make, mode 0600.") Path file) {
        try (NewFile backup = NewFile.create(file)) {
            JsonNode result = keyStore.call(StoreCommands.BACKUP, empty(), backup.stream());
            backup.keep();
            print("backed up " + result.path("rows").asLong() + " rows to " + file);
        }
        return ExitCode.OK;
    }

    @Command(
            name = "restore",
            description = "Makes a key store from a backup, with the secret of one of its seals.",
            mixinStandardHelpOptions = true)
    int restore(
            @Mixin SecretOptions secrets,
            @Parameters(index = "0", paramLabel = "FILE", description = "The backup.") Path file,
            @Parameters(index = "1", paramLabel = "DIR", description = "Directory of the new key store.")
                    Path directory) {
        try (SealSecret secret = secrets.secret()) {
            print("restored " + Backups.restore(file, directory, secret) + " rows to " + directory);
        }
        return ExitCode.OK;
    }

    @Command(
            name = "verify",
            description = "Opens every row and compares the whole with the digest.",
            mixinStandardHelpOptions = true)
    int verify(@Mixin KeyStoreAccess keyStore) {
        JsonNode result = keyStore.call(StoreCommands.VERIFY, empty());
        print("verified " + result.path("rows").asLong() + " rows at change "
                + result.path("epoch").asLong() + ", digest "
                + result.path("digest").asText());
        return ExitCode.OK;
    }

    @Command(
            name = "verify-backup",
            description = "Reads a whole backup and opens every row, without keeping any.",
            mixinStandardHelpOptions = true)
    int verifyBackup(
            @Mixin SecretOptions secrets, @Parameters(paramLabel = "FILE", description = "The backup.") Path file) {
        try (SealSecret secret = secrets.secret()) {
            print("verified " + Backups.verify(file, secret) + " rows in " + file);
        }
        return ExitCode.OK;
    }

    @Command(
            name = "accept-restore",
            description = "Accepts a key store that is older or other than the one that the audit journal saw.",
            mixinStandardHelpOptions = true)
    int acceptRestore(@Mixin KeyStoreAccess keyStore) {
        print("accepted " + keyStore.acceptRestore() + " rows");
        return ExitCode.OK;
    }

    @Command(name = "seals", description = "Lists the seals.", mixinStandardHelpOptions = true)
    int seals(@Mixin KeyStoreAccess keyStore) {
        for (JsonNode seal : keyStore.call(StoreCommands.SEALS, empty())) {
            print(seal.path("id").asText() + "  " + seal.path("type").asText() + "  since "
                    + seal.path("created").asText());
        }
        return ExitCode.OK;
    }

    @Command(
            name = "add-seal",
            description = "Adds a seal; whichever secret is given opens the key store from then on.",
            mixinStandardHelpOptions = true)
    int addSeal(
            @Mixin KeyStoreAccess keyStore,
            @Option(
                            names = "--seal-passphrase-file",
                            paramLabel = "FILE",
                            description = "The new passphrase in a file; else SALLYPORT_SEAL_PASSPHRASE.")
                    @Nullable Path passphraseFile,
            @Option(names = "--seal-key-file", paramLabel = "FILE", description = "A key file that is there.") @Nullable Path keyFile,
            @Option(names = "--new-key-file", paramLabel = "FILE", description = "A key file to make.") @Nullable Path newKeyFile) {
        try (SealSecret secret = sealSecret(passphraseFile, keyFile, newKeyFile)) {
            byte[] bytes = secret.exposeCopy();
            ObjectNode arguments = empty().put("type", secret.type().wireName())
                    .put("secret", Base64.getEncoder().encodeToString(bytes));
            Arrays.fill(bytes, (byte) 0);
            print("added seal "
                    + keyStore.call(StoreCommands.ADD_SEAL, arguments)
                            .path("id")
                            .asText());
        }
        return ExitCode.OK;
    }

    private static SealSecret sealSecret(
            @Nullable Path passphraseFile, @Nullable Path keyFile, @Nullable Path newKeyFile) {
        if (passphraseFile != null) {
            return SealSecret.passphraseFile(passphraseFile);
        }
        if (keyFile != null) {
            return SealSecret.keyFile(keyFile);
        }
        if (newKeyFile != null) {
            return SealSecret.newKeyFile(newKeyFile);
        }
        String passphrase = System.getenv("SALLYPORT_SEAL_PASSPHRASE");
        if (passphrase != null) {
            return SealSecret.passphrase(passphrase.getBytes(StandardCharsets.UTF_8));
        }
        throw new CommandFailedException(
                ExitCode.USAGE, "name the new seal: --seal-passphrase-file, --seal-key-file or --new-key-file");
    }

    @Command(
            name = "remove-seal",
            description = "Removes a seal, never the last one. Old backups still open with its secret.",
            mixinStandardHelpOptions = true)
    int removeSeal(
            @Mixin KeyStoreAccess keyStore,
            @Parameters(paramLabel = "ID", description = "As `keystore seals` lists it.") String id) {
        keyStore.call(StoreCommands.REMOVE_SEAL, empty().put("id", id));
        return ExitCode.OK;
    }

    @Command(
            name = "rotate-mac-key",
            description = "Makes a new key for the metadata of objects; old ones go on verifying.",
            mixinStandardHelpOptions = true)
    int rotateMacKey(@Mixin KeyStoreAccess keyStore) {
        JsonNode result = keyStore.call(StoreCommands.ROTATE_MAC_KEY, empty());
        print("MAC key " + result.path("key").asInt() + " signs from now on");
        return ExitCode.OK;
    }

    private static ObjectNode empty() {
        return JsonNodeFactory.instance.objectNode();
    }

    private void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}

package dev.sallyport.gateway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.gateway.bucket.BucketCommands;
import dev.sallyport.kms.audit.JournalOptions;
import dev.sallyport.kms.audit.JournalWitness;
import dev.sallyport.kms.principal.OwnerCommands;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.OwnerClient;
import dev.sallyport.kms.store.OwnerCommand;
import dev.sallyport.kms.store.SqliteKeyStore;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.kms.store.StoreException.Reason;
import dev.sallyport.kms.store.StoreFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How a command reaches the key store: through the process that owns it, where its effect is immediate, else by becoming the
 * owner for as long as the command takes.
 */
final class KeyStoreAccess {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Option(
            names = "--keystore",
            required = true,
            defaultValue = "${env:SALLYPORT_KEYSTORE}",
            paramLabel = "DIR",
            description = "Directory of the key store; else SALLYPORT_KEYSTORE.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path directory;

    @Mixin
    private final SecretOptions secrets = new SecretOptions();

    Path directory() {
        return directory;
    }

    SealSecret secret() {
        return secrets.secret();
    }

    JsonNode call(String command, JsonNode arguments) {
        return call(command, arguments, OutputStream.nullOutputStream());
    }

    /** Carries a command out; waits a little for an owner that is just starting or ending. */
    JsonNode call(String command, JsonNode arguments, OutputStream data) {
        StoreFiles files = new StoreFiles(directory);
        files.requireKeyStore();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Optional<OwnerClient> owner = OwnerClient.connect(files);
            if (owner.isPresent()) {
                try (OwnerClient client = owner.get()) {
                    return client.call(command, arguments, data);
                }
            }
            try {
                return callAsOwner(files, command, arguments, data);
            } catch (StoreException e) {
                if (e.reason() != Reason.IN_USE || System.nanoTime() > end) {
                    throw e;
                }
            }
            pause();
        }
    }

    private JsonNode callAsOwner(StoreFiles files, String command, JsonNode arguments, OutputStream data) {
        try (SealSecret secret = secret();
                JournalWitness witness = witness(files);
                SqliteKeyStore store = SqliteKeyStore.open(files.directory(), secret, witness)) {
            OwnerCommand action =
                    BucketCommands.withAllOthers(store, witness.journal()).get(command);
            if (action == null) {
                throw new IllegalArgumentException(command);
            }
            return action.run(arguments, data);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Accepts a store that the audit journal does not recognise; only possible when nobody owns it. */
    long acceptRestore() {
        StoreFiles files = new StoreFiles(directory);
        files.requireKeyStore();
        try (SealSecret secret = secret();
                JournalWitness witness = witness(files);
                SqliteKeyStore store = SqliteKeyStore.acceptRestore(files.directory(), secret, witness)) {
            long rows = store.verify();
            OwnerCommands.restoreAccepted(store, witness.journal(), rows);
            return rows;
        }
    }

    private static JournalWitness witness(StoreFiles files) {
        return new JournalWitness(files.audit(), JournalOptions.defaults());
    }

    private static CommandFailedException failed(IOException e) {
        return new CommandFailedException(ExitCode.FAILED, e.getClass().getSimpleName() + ": " + e.getMessage());
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailedException(ExitCode.FAILED, "interrupted");
        }
    }
}

package dev.sallyport.gateway;

import dev.sallyport.gateway.auth.Credential;
import dev.sallyport.gateway.auth.Credentials;
import dev.sallyport.gateway.bucket.BucketCommands;
import dev.sallyport.gateway.config.GatewayConfig;
import dev.sallyport.gateway.config.RemoteKmsConfig;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.access.AccessEvaluator;
import dev.sallyport.kms.audit.AuditJournal;
import dev.sallyport.kms.audit.JournalOptions;
import dev.sallyport.kms.audit.JournalWitness;
import dev.sallyport.kms.principal.Account;
import dev.sallyport.kms.principal.Principals;
import dev.sallyport.kms.seal.RootKey;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.service.KmsService;
import dev.sallyport.kms.store.MacKeys;
import dev.sallyport.kms.store.OwnerSocketServer;
import dev.sallyport.kms.store.SqliteKeyStore;
import dev.sallyport.kms.store.StoreFiles;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Everything that hangs on the key store: journal, KMS, principals, MAC keys, and the socket for other processes. */
final class KeyNode implements AutoCloseable {
    private static final Duration MAINTENANCE = Duration.ofMinutes(1);

    private final CloseStack closing = new CloseStack();
    private final SqliteKeyStore store;
    private final AuditJournal journal;
    private final Principals principals;
    private final AccessEvaluator evaluator;
    private final MacKeys macKeys;
    private final KmsService service;
    private final @Nullable RemoteKeys remote;

    private KeyNode(GatewayConfig config, SealSecret secret, Clock clock) throws IOException {
        StoreFiles files = new StoreFiles(config.keyStore().directory());
        files.requireKeyStore();
        JournalWitness witness = closing.add(
                new JournalWitness(files.audit(), JournalOptions.defaults().withRetention(config.auditRetention())));
        store = closing.add(SqliteKeyStore.open(files.directory(), secret, witness));
        journal = witness.journal();
        principals = new Principals(store);
        evaluator = new AccessEvaluator(principals, clock);
        macKeys = closing.add(MacKeys.open(store));
        RootKey root = store.rootKey();
        service = closing.add(new KmsService(store, root::domainKey, evaluator, journal, clock));
        RemoteKmsConfig elsewhere = config.remoteKms();
        remote = elsewhere == null ? null : closing.add(new RemoteKeys(elsewhere, evaluator, journal, clock));
        closing.add(service.maintenance().schedule(MAINTENANCE));
        closing.add(OwnerSocketServer.start(store, BucketCommands.withAllOthers(store, journal)));
    }

    /**
     * @throws dev.sallyport.kms.store.StoreException when the key store cannot be opened
     * @throws dev.sallyport.kms.seal.SealException when the secret opens no seal
     * @throws IOException when the configuration names another account than the key store
     */
    static KeyNode open(GatewayConfig config, SealSecret secret, Clock clock) throws IOException {
        KeyNode node = new KeyNode(config, secret, clock);
        String configured = config.accountId();
        if (configured != null && !configured.equals(node.accountId())) {
            node.close();
            throw new IOException("accountId is " + configured + ", but the key store in "
                    + config.keyStore().directory() + " belongs to account " + node.accountId());
        }
        return node;
    }

    String accountId() {
        return Account.of(store);
    }

    SqliteKeyStore store() {
        return store;
    }

    AccessEvaluator evaluator() {
        return evaluator;
    }

    MacKeys macKeys() {
        return macKeys;
    }

    /** The KMS of the key store itself, which answers the KMS API. */
    KmsService service() {
        return service;
    }

    /** Keys that another KMS keeps; null where the key store's own keys encrypt. */
    @Nullable RemoteKeys remote() {
        return remote;
    }

    /** What encrypts objects. */
    Kms kms() {
        return remote == null ? service : remote.kms();
    }

    Credentials credentials() {
        return (accessKeyId, now) -> principals
                .byAccessKeyId(accessKeyId)
                .filter(key -> key.isUsable(now))
                .map(key -> new Credential(key.caller(), key.secret()));
    }

    /** Null while the journal takes events. */
    @Nullable String journalProblem() {
        return switch (journal.state()) {
            case OPEN -> null;
            case DISK_FULL -> "the disk is full";
            case LATCHED -> "a failed fsync latched it; restart to have it read again";
            case CLOSED -> "closed";
        };
    }

    @Override
    public void close() {
        closing.close();
    }
}

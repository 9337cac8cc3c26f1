package dev.sallyport.kms.client;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.KmsAccess;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.access.AccessEvaluator;
import dev.sallyport.kms.audit.JournalOptions;
import dev.sallyport.kms.audit.JournalWitness;
import dev.sallyport.kms.principal.Account;
import dev.sallyport.kms.principal.PrincipalAdmin;
import dev.sallyport.kms.principal.PrincipalInfo;
import dev.sallyport.kms.principal.Principals;
import dev.sallyport.kms.seal.RootKey;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.service.KmsService;
import dev.sallyport.kms.store.SqliteKeyStore;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.kms.store.StoreException.Reason;
import dev.sallyport.kms.store.StoreFiles;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * A key store on this host. It has one owner at a time, so this becomes the owner for each question only, and waits a little
 * for another one that is just ending.
 */
public final class LocalKmsAccess implements KmsAccess {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path directory;
    private final String principal;
    private final String region;
    private final String userAgent;
    private final Supplier<SealSecret> secrets;

    /**
     * @param directory of the key store
     * @param principal the user's name, whose policies decide
     * @param region of the keys
     * @param userAgent who asks, as audit events show it
     * @param secrets what opens the store, read anew for each question
     */
    public LocalKmsAccess(
            Path directory, String principal, String region, String userAgent, Supplier<SealSecret> secrets) {
        this.directory = directory;
        this.principal = principal;
        this.region = region;
        this.userAgent = userAgent;
        this.secrets = secrets;
    }

    /**
     * {@inheritDoc}
     *
     * @throws StoreException when the key store does not open
     * @throws dev.sallyport.kms.seal.SealException when the secret opens no seal
     */
    @Override
    public <T> T ask(BiFunction<Kms, CallContext, T> question) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return askAsOwner(question);
            } catch (StoreException e) {
                if (e.reason() != Reason.IN_USE) {
                    throw e;
                }
                if (System.nanoTime() > end) {
                    throw new KmsException(
                            Code.DEPENDENCY_TIMEOUT,
                            "another process owns the key store " + directory
                                    + "; if it is a gateway, name it: --kms-endpoint URL");
                }
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new KmsException(Code.DEPENDENCY_TIMEOUT, "interrupted");
            }
        }
    }

    private <T> T askAsOwner(BiFunction<Kms, CallContext, T> question) {
        StoreFiles files = new StoreFiles(directory);
        files.requireKeyStore();
        Clock clock = Clock.systemUTC();
        try (SealSecret secret = secrets.get();
                JournalWitness witness = new JournalWitness(files.audit(), JournalOptions.defaults());
                SqliteKeyStore store = SqliteKeyStore.open(files.directory(), secret, witness)) {
            RootKey root = store.rootKey();
            AccessEvaluator evaluator = new AccessEvaluator(new Principals(store), clock);
            try (KmsService kms = new KmsService(store, root::domainKey, evaluator, witness.journal(), clock)) {
                return question.apply(kms, RemoteKmsAccess.call(caller(store, clock), region, userAgent));
            }
        }
    }

    private Caller caller(SqliteKeyStore store, Clock clock) {
        String account = Account.of(store);
        PrincipalInfo info = new PrincipalAdmin(store, account, clock)
                .list().stream()
                        .filter(candidate -> candidate.name().equals(principal) && candidate.enabled())
                        .findFirst()
                        .orElseThrow(() -> new KmsException(
                                Code.ACCESS_DENIED,
                                "the key store has no enabled principal of the name that --principal gives"));
        return new Caller(info.arn(), account, info.principalId(), info.name(), null, null);
    }

    @Override
    public void close() {
        // nothing is held between questions
    }
}

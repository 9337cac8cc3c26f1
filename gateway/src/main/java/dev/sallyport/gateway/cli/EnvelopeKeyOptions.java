package dev.sallyport.gateway.cli;

import dev.sallyport.kms.EncryptionContext;
import dev.sallyport.kms.KmsAccess;
import dev.sallyport.kms.crypto.SecretBytes;
import dev.sallyport.kms.envelope.KeyFileMasterKey;
import dev.sallyport.kms.envelope.KeyUnwrapper;
import dev.sallyport.kms.envelope.KeyWrap;
import dev.sallyport.kms.envelope.KmsMasterKey;
import dev.sallyport.kms.envelope.MasterKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The master keys of an envelope, and its encryption context, as a command names them. Closing wipes and disconnects. */
final class EnvelopeKeyOptions implements AutoCloseable {
    private static final String FILE = "file:";
    private static final String KEYSTORE = "keystore:";
    private static final String KMS = "kms:";

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "A master key; give it several times for several. file:PATH is a key file of 32 random bytes, mode"
                            + " 0600; kms:KEY a key of the endpoint and keystore:KEY one of --keystore, by id, ARN or alias."
                            + " Without a prefix it is the KMS's that is given.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--context",
            paramLabel = "NAME=VALUE",
            description =
                    "A pair of the encryption context, which stands in the envelope in the clear and is authenticated;"
                            + " the KMS's policies and audit trail see it. May be given several times.")
    private Map<String, String> pairs = new LinkedHashMap<>();

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    private final Map<String, KmsAccess> open = new HashMap<>();
    private final List<KeyFileMasterKey> files = new ArrayList<>();

    EncryptionContext context() {
        return new EncryptionContext(pairs);
    }

    boolean named() {
        return !names.isEmpty();
    }

    /** Whether anything on the command line could open an envelope. */
    boolean given() {
        return named() || kms.namesKeyStore() || kms.asksForEndpoint();
    }

    /** The keys that were named. */
    List<MasterKey> keys() {
        List<MasterKey> keys = new ArrayList<>();
        for (String name : names) {
            keys.add(key(name));
        }
        return keys;
    }

    /** What opens envelopes: the keys that were named, else whatever key the KMS lets its caller use. */
    List<KeyUnwrapper> openers() {
        if (named()) {
            return List.copyOf(keys());
        }
        List<KeyUnwrapper> openers = new ArrayList<>();
        if (kms.namesKeyStore()) {
            openers.add(any(KEYSTORE, kms::keyStore));
        }
        if (openers.isEmpty() || kms.asksForEndpoint()) {
            openers.add(any(KMS, kms::endpoint));
        }
        return openers;
    }

    private MasterKey key(String name) {
        if (name.startsWith(FILE)) {
            KeyFileMasterKey file = KeyFileMasterKey.read(Path.of(name.substring(FILE.length())));
            files.add(file);
            return file;
        }
        if (name.startsWith(KEYSTORE)) {
            return keyStoreKey(name.substring(KEYSTORE.length()));
        }
        if (name.startsWith(KMS)) {
            return endpointKey(name.substring(KMS.length()));
        }
        if (!kms.namesKeyStore()) {
            return endpointKey(name);
        }
        if (kms.asksForEndpoint()) {
            throw new CommandFailedException(
                    ExitCode.USAGE, "two KMS are given: say kms:KEY or keystore:KEY for each --key");
        }
        return keyStoreKey(name);
    }

    private MasterKey keyStoreKey(String key) {
        return new KmsMasterKey(access(KEYSTORE, key, kms::keyStore), required(key));
    }

    private MasterKey endpointKey(String key) {
        return new KmsMasterKey(access(KMS, key, kms::endpoint), required(key));
    }

    private static String required(String key) {
        if (key.isEmpty()) {
            throw new CommandFailedException(ExitCode.USAGE, "--key is empty");
        }
        return key;
    }

    /** Any key of a KMS, in whatever region the envelope says. */
    private KeyUnwrapper any(String where, Function<String, KmsAccess> how) {
        return new KeyUnwrapper() {
            @Override
            public boolean accepts(KeyWrap wrap) {
                return wrap.provider() == KeyWrap.KMS;
            }

            @Override
            public SecretBytes unwrap(KeyWrap wrap, EncryptionContext context) {
                return KmsMasterKey.anyOf(access(where, wrap.keyId(), how)).unwrap(wrap, context);
            }
        };
    }

    /** One connection for each region. */
    private KmsAccess access(String where, String key, Function<String, KmsAccess> how) {
        return open.computeIfAbsent(where + kms.regionOf(key), name -> how.apply(key));
    }

    @Override
    public void close() {
        open.values().forEach(KmsAccess::close);
        files.forEach(KeyFileMasterKey::close);
    }
}

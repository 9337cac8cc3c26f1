package dev.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.cli.SallyportCommand;
import dev.sallyport.kms.audit.AuditQuery;
import dev.sallyport.kms.audit.JournalReader;
import dev.sallyport.kms.store.StoreFiles;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.CreateKeyResponse;
import software.amazon.awssdk.services.kms.model.EncryptResponse;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** Writes through a gateway that is killed meanwhile, remembers what was acknowledged, and looks for it afterwards. */
final class KillLoad {
    static final String BUCKET = "kills";
    private static final int PART = 5 << 20;

    private final Path work;
    private final Path admin;
    private final AtomicInteger names = new AtomicInteger();
    private final Map<String, Integer> tried = new ConcurrentHashMap<>();
    private final Set<String> objects = ConcurrentHashMap.newKeySet();
    private final Set<String> keys = ConcurrentHashMap.newKeySet();
    private final Map<SdkBytes, SdkBytes> ciphertexts = new ConcurrentHashMap<>();
    private final Set<String> requests = ConcurrentHashMap.newKeySet();
    private final Set<Path> principals = ConcurrentHashMap.newKeySet();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean killing;

    KillLoad(Path work, Path admin) {
        this.work = work;
        this.admin = admin;
    }

    /** Loads {@code gateway}, kills it after a random time, and returns when all threads have noticed. */
    void runAndKill(GatewayProcess gateway, Path keyStore) throws Exception {
        killing = false;
        int before = objects.size() + requests.size();
        try (S3Client s3 = s3(gateway.endpoint(), admin);
                KmsClient kms = kms(gateway.endpoint(), admin)) {
            List<Thread> threads = List.of(
                    start(() -> put(s3, 1 + ThreadLocalRandom.current().nextInt(5000))),
                    start(() -> put(s3, 3 << 20)),
                    start(() -> multipart(s3)),
                    start(() -> kmsCalls(kms)),
                    start(() -> addPrincipal(keyStore)));
            Thread.sleep(ThreadLocalRandom.current().nextInt(1000, 2500));
            long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            // a slow machine may have done nothing yet, and then nothing would be shown
            while (objects.size() + requests.size() == before && System.nanoTime() < end) {
                Thread.sleep(50);
            }
            killing = true;
            gateway.close();
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(failures).as("failures before the kill").isEmpty();
        assertThat(objects.size() + requests.size()).isGreaterThan(before);
    }

    private Thread start(Runnable step) {
        return Thread.ofPlatform().start(() -> {
            while (!killing) {
                try {
                    step.run();
                } catch (RuntimeException e) {
                    if (!killing) {
                        failures.add(e);
                        return;
                    }
                }
            }
        });
    }

    private String name(int size) {
        String name = "object-" + names.incrementAndGet();
        tried.put(name, size);
        return name;
    }

    private static byte[] body(String name, int size) {
        byte[] body = new byte[size];
        new Random(name.hashCode()).nextBytes(body);
        return body;
    }

    private void put(S3Client s3, int size) {
        String name = name(size);
        s3.putObject(r -> r.bucket(BUCKET).key(name), RequestBody.fromBytes(body(name, size)));
        objects.add(name);
    }

    private void multipart(S3Client s3) {
        int size = PART + 1234;
        String name = name(size);
        byte[] body = body(name, size);
        String id = s3.createMultipartUpload(r -> r.bucket(BUCKET).key(name)).uploadId();
        CompletedPart first = part(s3, name, id, 1, java.util.Arrays.copyOf(body, PART));
        CompletedPart last = part(s3, name, id, 2, java.util.Arrays.copyOfRange(body, PART, size));
        s3.completeMultipartUpload(
                r -> r.bucket(BUCKET).key(name).uploadId(id).multipartUpload(m -> m.parts(first, last)));
        objects.add(name);
    }

    private static CompletedPart part(S3Client s3, String name, String id, int number, byte[] bytes) {
        String tag = s3.uploadPart(
                        r -> r.bucket(BUCKET).key(name).uploadId(id).partNumber(number), RequestBody.fromBytes(bytes))
                .eTag();
        return CompletedPart.builder().partNumber(number).eTag(tag).build();
    }

    private void kmsCalls(KmsClient kms) {
        CreateKeyResponse created = kms.createKey(r -> {});
        String key = created.keyMetadata().keyId();
        keys.add(key);
        requests.add(created.responseMetadata().requestId());
        encrypt(kms, key);
        requests.add(kms.rotateKeyOnDemand(r -> r.keyId(key)).responseMetadata().requestId());
        encrypt(kms, key);
    }

    private void encrypt(KmsClient kms, String key) {
        SdkBytes plaintext = SdkBytes.fromUtf8String("of " + key + " " + names.incrementAndGet());
        EncryptResponse encrypted = kms.encrypt(r -> r.keyId(key).plaintext(plaintext));
        ciphertexts.put(encrypted.ciphertextBlob(), plaintext);
        requests.add(encrypted.responseMetadata().requestId());
    }

    /** Without the passphrase, so that the command cannot become the owner of the store once the gateway is gone. */
    private void addPrincipal(Path keyStore) {
        String name = "user" + names.incrementAndGet();
        Path file = work.resolve(name);
        int code = SallyportCommand.run(
                "principal",
                "add",
                name,
                "--admin",
                "--keystore",
                keyStore.toString(),
                "--credentials-file",
                file.toString());
        if (code == 0) {
            principals.add(file);
        } else if (!killing) {
            throw new IllegalStateException("principal add ended with " + code);
        }
    }

    /** All that was acknowledged is there; an object that was not is whole or absent; the journal has its events. */
    void check(GatewayProcess gateway, Path keyStore) throws Exception {
        try (S3Client s3 = s3(gateway.endpoint(), admin);
                KmsClient kms = kms(gateway.endpoint(), admin)) {
            tried.forEach((name, size) -> {
                try {
                    byte[] got =
                            s3.getObjectAsBytes(r -> r.bucket(BUCKET).key(name)).asByteArray();
                    assertThat(java.util.Arrays.equals(got, body(name, size)))
                            .as(name)
                            .isTrue();
                } catch (NoSuchKeyException e) {
                    assertThat(objects).as("acknowledged, then lost").doesNotContain(name);
                }
            });
            for (String key : keys) {
                assertThat(kms.describeKey(r -> r.keyId(key)).keyMetadata().enabled())
                        .isTrue();
            }
            ciphertexts.forEach((blob, plaintext) -> assertThat(
                            kms.decrypt(r -> r.ciphertextBlob(blob)).plaintext())
                    .isEqualTo(plaintext));
        }
        for (Path principal : principals) {
            try (KmsClient kms = kms(gateway.endpoint(), principal)) {
                assertThat(kms.listKeys(r -> r.limit(1)).keys()).isNotEmpty();
            }
        }
        Path journal = new StoreFiles(keyStore).audit();
        assertThat(SallyportCommand.run("audit", "verify", "--journal", journal.toString()))
                .isZero();
        Set<String> missing = new HashSet<>(requests);
        new JournalReader(journal).find(new AuditQuery(null, null, null, null, null, null, null), event -> {
            String json = event.json();
            missing.removeIf(json::contains);
        });
        assertThat(missing).as("requests without an event").isEmpty();
    }

    static S3Client s3(URI endpoint, Path credentials) throws Exception {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .forcePathStyle(true)
                .region(Region.US_EAST_1)
                .overrideConfiguration(c -> c.apiCallTimeout(Duration.ofMinutes(2)))
                .credentialsProvider(credentials(credentials))
                .build();
    }

    private static KmsClient kms(URI endpoint, Path credentials) throws Exception {
        return KmsClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .overrideConfiguration(c -> c.apiCallTimeout(Duration.ofMinutes(2)))
                .credentialsProvider(credentials(credentials))
                .build();
    }

    private static StaticCredentialsProvider credentials(Path file) throws Exception {
        List<String> lines = Files.readAllLines(file);
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(
                lines.get(1).substring(lines.get(1).indexOf('=') + 2),
                lines.get(2).substring(lines.get(2).indexOf('=') + 2)));
    }
}

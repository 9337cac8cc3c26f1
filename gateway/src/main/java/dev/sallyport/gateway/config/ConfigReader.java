package dev.sallyport.gateway.config;

import dev.sallyport.gateway.bucket.BucketMode;
import dev.sallyport.gateway.config.ConfigException.Problem;
import dev.sallyport.gateway.http.HttpLimits;
import dev.sallyport.gateway.http.TrustedProxies;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/** Reads the YAML file. Relative paths are relative to the file's directory. */
public final class ConfigReader {
    private static final int MAX_FILE = 1 << 20;
    private static final URI NO_URL = URI.create("http://unset.invalid");
    private static final Path NO_PATH = Path.of("unset");

    private final Path base;
    private final List<Problem> problems = new ArrayList<>();

    private ConfigReader(Path base) {
        this.base = base;
    }

    /** @throws ConfigException with every mistake */
    public static GatewayConfig read(Path file) throws ConfigException {
        String yaml;
        try {
            if (Files.size(file) > MAX_FILE) {
                throw new ConfigException(List.of(new Problem(0, "configuration over 1 MiB: " + file)));
            }
            yaml = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new ConfigException(List.of(new Problem(0, "no such file: " + file)));
        } catch (CharacterCodingException e) {
            throw new ConfigException(List.of(new Problem(0, "not UTF-8: " + file)));
        } catch (IOException e) {
            throw new ConfigException(List.of(new Problem(0, "cannot read " + file)));
        }
        Path directory = file.toAbsolutePath().getParent();
        return parse(yaml, directory == null ? Path.of("/") : directory);
    }

    /**
     * @param base what relative paths are relative to
     * @throws ConfigException with every mistake
     */
    public static GatewayConfig parse(String yaml, Path base) throws ConfigException {
        ConfigReader reader = new ConfigReader(base);
        GatewayConfig config = reader.root(yaml);
        if (config == null || !reader.problems.isEmpty()) {
            reader.problems.sort(Comparator.comparingInt(Problem::line));
            throw new ConfigException(reader.problems);
        }
        return config;
    }

    private @Nullable GatewayConfig root(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(0);
        options.setNestingDepthLimit(16);
        options.setCodePointLimit(MAX_FILE);
        Node node;
        try {
            node = new Yaml(options).compose(new StringReader(yaml));
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            problems.add(new Problem(line, "not YAML: " + e.getProblem()));
            return null;
        } catch (YAMLException e) {
            problems.add(new Problem(0, "not YAML"));
            return null;
        }
        if (!(node instanceof MappingNode mapping)) {
            problems.add(
                    new Problem(node == null ? 0 : Section.lineOf(node), "the file must be a mapping of settings"));
            return null;
        }
        return config(new Section("", 1, mapping, problems));
    }

    private @Nullable GatewayConfig config(Section root) {
        String version = root.required("version", "v1", Function.identity());
        if (!version.equals("v1")) {
            root.problem("version", "must be v1");
        }
        String accountId = root.text("accountId");
        List<String> regions = root.list("regions", List.of("us-east-1"), Values::region);
        InetSocketAddress listen =
                root.required("listen", InetSocketAddress.createUnresolved("127.0.0.1", 0), Values::address);
        InetSocketAddress admin =
                root.value("admin", InetSocketAddress.createUnresolved("127.0.0.1", 9001), Values::address);
        TlsConfig tls = tls(root);
        boolean allowPlainHttp = root.value("allowPlainHttp", false, Values::flag);
        if (tls == null && !allowPlainHttp && !isLoopback(listen)) {
            root.problem("listen", "is not loopback, and there is no tls: set tls, or allowPlainHttp: true");
        }
        List<String> domains = root.list("domains", List.of(), Values::domain);
        List<String> proxies = root.list("trustedProxies", List.of(), text -> {
            TrustedProxies.of(List.of(text));
            return text;
        });
        StoreConfig store = store(root);
        KeyStoreConfig keyStore = keyStore(root);
        RemoteKmsConfig remoteKms =
                remoteKms(root, regions.isEmpty() ? "us-east-1" : regions.getFirst(), allowPlainHttp);
        Section audit = root.section("audit");
        Duration retention = audit.value("retention", Duration.ofDays(90), Values::duration);
        audit.finish();
        BucketsConfig buckets = buckets(root);
        UploadsConfig uploads = uploads(root, keyStore == null ? NO_PATH : keyStore.directory());
        HttpLimits limits = limits(root);
        Duration drain = root.value("drain", Duration.ofSeconds(30), Values::duration);
        int eventLoops = root.value("eventLoops", 0, Values::number);
        root.finish();
        if (store == null || keyStore == null || buckets == null || uploads == null || limits == null) {
            return null;
        }
        return validated(
                root,
                "",
                () -> new GatewayConfig(
                        accountId,
                        regions,
                        listen,
                        admin,
                        tls,
                        allowPlainHttp,
                        domains,
                        proxies,
                        store,
                        keyStore,
                        remoteKms,
                        retention,
                        buckets,
                        uploads,
                        limits,
                        drain,
                        eventLoops));
    }

    private @Nullable TlsConfig tls(Section root) {
        if (!root.has("tls")) {
            root.text("tls");
            return null;
        }
        Section tls = root.section("tls");
        Path certificate = tls.required("certificate", NO_PATH, this::path);
        Path key = tls.required("key", NO_PATH, this::path);
        readable(tls, "certificate", certificate);
        readable(tls, "key", key);
        tls.finish();
        return new TlsConfig(certificate, key);
    }

    private @Nullable StoreConfig store(Section root) {
        Section store = root.section("store");
        URI url = store.required("url", NO_URL, Values::httpUrl);
        String region = store.value("region", "us-east-1", Values::region);
        Path ca = nullablePath(store, "ca");
        boolean pathStyle = store.value("addressing", true, text -> switch (text) {
            case "path" -> true;
            case "virtual" -> false;
            default -> throw new IllegalArgumentException("expected path or virtual");
        });
        Path accessKeyFile = nullablePath(store, "accessKeyFile");
        Path secretKeyFile = nullablePath(store, "secretKeyFile");
        store.finish();
        return validated(
                root, "store", () -> new StoreConfig(url, region, ca, pathStyle, accessKeyFile, secretKeyFile));
    }

    private @Nullable KeyStoreConfig keyStore(Section root) {
        Section keyStore = root.section("keyStore");
        Path directory = keyStore.required("directory", NO_PATH, this::path);
        Path passphraseFile = nullablePath(keyStore, "passphraseFile");
        Path keyFile = nullablePath(keyStore, "keyFile");
        keyStore.finish();
        return validated(root, "keyStore", () -> new KeyStoreConfig(directory, passphraseFile, keyFile));
    }

    private @Nullable RemoteKmsConfig remoteKms(Section root, String region, boolean allowPlainHttp) {
        boolean given = root.has("kms");
        Section kms = root.section("kms");
        if (!given) {
            return null;
        }
        if (!kms.has("remote")) {
            root.problem("kms", "needs a section remote; without kms, the key store's own keys encrypt");
            return null;
        }
        Section remote = kms.section("remote");
        kms.finish();
        URI url = remote.value("endpoint", NO_URL, Values::httpUrl);
        URI endpoint = url.equals(NO_URL) ? null : url;
        if (endpoint != null && !allowPlainHttp && isPlainBeyondLoopback(endpoint)) {
            remote.problem(
                    "endpoint",
                    "is plain HTTP beyond loopback, which shows data keys: use https, or allowPlainHttp: true");
        }
        String signed = remote.value("region", region, Values::region);
        String defaultKey = remote.required("defaultKey", "unset", RemoteKmsConfig::customerManaged);
        Path accessKeyFile = nullablePath(remote, "accessKeyFile");
        Path secretKeyFile = nullablePath(remote, "secretKeyFile");
        Duration cacheTime = remote.value("cacheTime", Duration.ofMinutes(5), Values::duration);
        Duration timeout = remote.value("timeout", Duration.ofSeconds(5), Values::duration);
        remote.finish();
        return validated(
                root,
                "kms",
                () -> new RemoteKmsConfig(
                        endpoint, signed, defaultKey, accessKeyFile, secretKeyFile, cacheTime, timeout));
    }

    private static boolean isPlainBeyondLoopback(URI url) {
        return url.getScheme().equalsIgnoreCase("http")
                && !isLoopback(InetSocketAddress.createUnresolved(url.getHost(), 0));
    }

    private @Nullable BucketsConfig buckets(Section root) {
        Section buckets = root.section("buckets");
        BucketMode mode = buckets.value("defaultMode", BucketMode.STRICT, text -> {
            for (BucketMode known : BucketMode.values()) {
                if (known.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return known;
                }
            }
            throw new IllegalArgumentException("expected strict or mixed");
        });
        var names = buckets.pairs("names");
        buckets.finish();
        return validated(root, "buckets", () -> new BucketsConfig(mode, names));
    }

    private @Nullable UploadsConfig uploads(Section root, Path keyStore) {
        Section uploads = root.section("uploads");
        Path directory = uploads.value("directory", keyStore.resolveSibling("uploads"), this::path);
        String bucket = uploads.value("stagingBucket", "sallyport-staging", Function.identity());
        long quota = uploads.value("stagingQuota", 10L << 30, Values::size);
        Duration abandoned = uploads.value("abandonedAfter", Duration.ofDays(7), Values::duration);
        uploads.finish();
        return validated(root, "uploads", () -> new UploadsConfig(directory, bucket, quota, abandoned));
    }

    private @Nullable HttpLimits limits(Section root) {
        Section limits = root.section("limits");
        HttpLimits fallback = HttpLimits.DEFAULT;
        int connections = limits.value("connections", fallback.connections(), Values::number);
        int requestLine = limits.value("requestLine", fallback.requestLine(), Values::intSize);
        int headerBytes = limits.value("headerBytes", fallback.headerBytes(), Values::intSize);
        Duration header = limits.value("headerTimeout", fallback.headerTimeout(), Values::duration);
        Duration body = limits.value("bodyTimeout", fallback.bodyTimeout(), Values::duration);
        Duration write = limits.value("writeTimeout", fallback.writeTimeout(), Values::duration);
        Duration idle = limits.value("idleTimeout", fallback.idleTimeout(), Values::duration);
        Duration hold = limits.value("holdAfter", fallback.holdAfter(), Values::duration);
        limits.finish();
        return validated(
                root,
                "limits",
                () -> new HttpLimits(
                        connections,
                        requestLine,
                        headerBytes,
                        header,
                        body,
                        write,
                        idle,
                        fallback.drainTimeout(),
                        fallback.drainBytes(),
                        hold));
    }

    /** What a record's own constructor refuses is a mistake of its section. */
    private <T> @Nullable T validated(Section root, String key, Supplier<T> maker) {
        try {
            return maker.get();
        } catch (IllegalArgumentException e) {
            if (key.isEmpty()) {
                problems.add(new Problem(1, String.valueOf(e.getMessage())));
            } else {
                root.problem(key, "is wrong: " + e.getMessage());
            }
            return null;
        }
    }

    private Path path(String text) {
        return base.resolve(Values.path(text)).normalize();
    }

    private @Nullable Path nullablePath(Section section, String key) {
        if (!section.has(key)) {
            section.text(key);
            return null;
        }
        Path path = section.value(key, NO_PATH, this::path);
        readable(section, key, path);
        return path;
    }

    private static void readable(Section section, String key, Path path) {
        if (!path.equals(NO_PATH) && !Files.isReadable(path)) {
            section.problem(key, "names a file that cannot be read: " + path);
        }
    }

    private static boolean isLoopback(InetSocketAddress address) {
        String host = address.getHostString();
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(host);
        if (bytes == null) {
            return host.equals("localhost");
        }
        try {
            return java.net.InetAddress.getByAddress(bytes).isLoopbackAddress();
        } catch (java.net.UnknownHostException e) {
            return false;
        }
    }
}

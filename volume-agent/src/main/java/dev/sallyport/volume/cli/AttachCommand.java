package dev.sallyport.volume.cli;

import dev.sallyport.volume.device.LuksDevice;
import dev.sallyport.volume.device.RevocableDevice;
import dev.sallyport.volume.host.Attachments;
import dev.sallyport.volume.host.ProcessGuard;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.RevocationPolicy;
import dev.sallyport.volume.keys.RevocationWatch;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.luks.Token;
import dev.sallyport.volume.nbd.Export;
import dev.sallyport.volume.nbd.NbdServer;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves an image until it is told to end. */
@Command(
        name = "attach",
        mixinStandardHelpOptions = true,
        description = "Serves the volume over NBD, in the foreground, until SIGTERM or: sallyport-volume detach.")
final class AttachCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(AttachCommand.class);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final ImageArgument image = new ImageArgument();

    @Option(names = "--socket", paramLabel = "PATH", description = "Unix socket to serve on; must not exist yet.")
    private @Nullable Path socket;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "TCP address to serve on; port 0 takes a free one. Beyond loopback only with TLS.")
    private @Nullable String listen;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificate chain (PEM) of this server.")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Private key (PKCS#8 PEM) of this server.")
    private @Nullable Path privateKey;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Whose client certificates are accepted (PEM).")
    private @Nullable Path clientCa;

    @Option(names = "--insecure-plain-tcp", description = "Allow TCP without TLS beyond loopback.")
    private boolean plainTcp;

    @Option(names = "--read-only", description = "Refuse writes.")
    private boolean readOnly;

    @Option(
            names = "--on-revoke",
            paramLabel = "POLICY",
            defaultValue = "continue",
            description =
                    "continue, read-only or stop-after=DURATION, once the KMS refuses the key; default: continue.")
    private String onRevoke = "continue";

    @Option(
            names = "--recheck",
            paramLabel = "DURATION",
            defaultValue = "5m",
            description = "How often the KMS is asked whether the key may still be used; default: 5m.")
    private String recheck = "5m";

    @Option(names = "--no-discard", description = "Ignore TRIM: holes tell an observer what is in use.")
    private boolean noDiscard;

    @Option(
            names = "--holes-read-zero",
            description = "Read never-written sectors as zeros. Whoever can write the image can then plant zeros.")
    private boolean holesReadZero;

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if ((socket == null) == (listen == null)) {
            throw new CommandFailedException(ExitCode.USAGE, "give either --socket or --listen");
        }
        RevocationPolicy policy = policy();
        Duration every = every();
        ProcessGuard.lockMemory().ifPresent(reason -> LOG.warn("memory is not locked: {}", reason));
        try (VolumeImage opened =
                VolumeImage.open(image.path(), readOnly ? VolumeImage.Use.READ : VolumeImage.Use.WRITE)) {
            Token token = opened.token();
            try (VolumeKeys keys = kms.open(token.keyArn());
                    KeyBundle bundle = opened.unlock(keys);
                    LuksDevice device = opened.device(
                            bundle.volumeKey(), readOnly, new LuksDevice.Options(!noDiscard, holesReadZero))) {
                return serve(opened.header().uuid(), token, keys, new RevocableDevice(device), policy, every);
            }
        }
    }

    private int serve(
            String uuid, Token token, VolumeKeys keys, RevocableDevice device, RevocationPolicy policy, Duration every)
            throws IOException, InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = Thread.ofPlatform().unstarted(() -> {
            end.countDown();
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        Attachments attachments = Attachments.ofUser();
        Export export = new Export("", "", device, readOnly);
        RevocationWatch.Target target = new RevocationWatch.Target() {
            @Override
            public void setWritesRefused(boolean refused) {
                device.setWritesRefused(refused);
            }

            @Override
            public void stop(String reason) {
                LOG.warn("detaching: {}", reason);
                end.countDown();
            }
        };
        try (NbdServer server = socket != null ? NbdServer.onUnixSocket(export, socket) : tcp(export);
                RevocationWatch watch = new RevocationWatch(() -> keys.check(token), every, policy, target)) {
            String uri = socket != null
                    ? "nbd+unix:///?socket=" + socket.toAbsolutePath()
                    : "nbd" + (certificate == null ? "" : "s") + "://" + host() + ":" + server.port();
            attachments.add(uuid, image.path(), uri);
            spec.commandLine().getOut().println("attached " + image.path() + ": " + uri);
            spec.commandLine().getOut().flush();
            end.await();
        } finally {
            attachments.remove(uuid);
            if (socket != null) {
                Files.deleteIfExists(socket);
            }
            try {
                if (!readOnly) {
                    device.flush();
                }
            } finally {
                ended.countDown();
            }
        }
        return ExitCode.OK;
    }

    private NbdServer tcp(Export export) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host()), port());
        SslContext tls = tls();
        if (tls == null && !plainTcp && !address.getAddress().isLoopbackAddress()) {
            throw new CommandFailedException(
                    ExitCode.USAGE,
                    "plain TCP beyond loopback shows the volume to the network: give --tls-cert, --tls-key and"
                            + " --tls-client-ca");
        }
        return NbdServer.onTcp(export, address, tls);
    }

    private @Nullable SslContext tls() throws IOException {
        if (certificate == null && privateKey == null && clientCa == null) {
            return null;
        }
        if (certificate == null || privateKey == null || clientCa == null) {
            throw new CommandFailedException(ExitCode.USAGE, "--tls-cert, --tls-key and --tls-client-ca go together");
        }
        try {
            return SslContextBuilder.forServer(certificate.toFile(), privateKey.toFile())
                    .trustManager(clientCa.toFile())
                    .clientAuth(ClientAuth.REQUIRE)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(ExitCode.FAILED, "certificate, key or CA cannot be read as PEM");
        }
    }

    private String host() {
        String text = listen == null ? "" : listen;
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new CommandFailedException(ExitCode.USAGE, "--listen is HOST:PORT");
        }
        return text.substring(0, colon);
    }

    private int port() {
        String text = listen == null ? "" : listen;
        String digits = text.substring(text.lastIndexOf(':') + 1);
        if (!digits.matches("\\d{1,5}") || Integer.parseInt(digits) > 65535) {
            throw new CommandFailedException(ExitCode.USAGE, "--listen is HOST:PORT");
        }
        return Integer.parseInt(digits);
    }

    private RevocationPolicy policy() {
        try {
            return RevocationPolicy.parse(onRevoke);
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(ExitCode.USAGE, "--on-revoke is " + e.getMessage());
        }
    }

    private Duration every() {
        try {
            Duration every = RevocationPolicy.duration(recheck);
            if (every.isPositive()) {
                return every;
            }
        } catch (IllegalArgumentException e) {
            LOG.debug("recheck", e);
        }
        throw new CommandFailedException(ExitCode.USAGE, "--recheck is a duration such as 90s, 5m or 1h");
    }
}

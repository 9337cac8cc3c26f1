package dev.sallyport.volume.cli;

import dev.sallyport.volume.device.LuksDevice;
import dev.sallyport.volume.device.RevocableDevice;
import dev.sallyport.volume.host.Attachments;
import dev.sallyport.volume.host.ProcessGuard;
import dev.sallyport.volume.host.Systemd;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.RevocationPolicy;
import dev.sallyport.volume.keys.RevocationWatch;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.luks.Token;
import dev.sallyport.volume.nbd.Export;
import dev.sallyport.volume.nbd.NbdServer;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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

    private final Systemd systemd = new Systemd(System.getenv());

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final ImageArgument image = new ImageArgument();

    @Mixin
    private final ListenOptions listening = new ListenOptions();

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
        Optional<Systemd.PassedSocket> passed = listening.choose(systemd);
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
                return serve(passed, opened.header().uuid(), token, keys, new RevocableDevice(device), policy, every);
            }
        }
    }

    private int serve(
            Optional<Systemd.PassedSocket> passed,
            String uuid,
            Token token,
            VolumeKeys keys,
            RevocableDevice device,
            RevocationPolicy policy,
            Duration every)
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
        try (NbdServer server = listening.open(export, passed);
                RevocationWatch watch = new RevocationWatch(() -> keys.check(token), every, policy, target)) {
            String uri = listening.uri(server, passed);
            attachments.add(uuid, image.path(), uri);
            spec.commandLine().getOut().println("attached " + image.path() + ": " + uri);
            spec.commandLine().getOut().flush();
            systemd.ready("serves " + image.path() + " on " + uri);
            end.await();
            systemd.stopping();
        } finally {
            attachments.remove(uuid);
            listening.remove();
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

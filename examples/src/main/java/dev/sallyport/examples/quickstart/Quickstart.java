package dev.sallyport.examples.quickstart;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sts.StsClient;

/** The quickstart: starts a store, the gateway and a volume, shows the main job, and serves until interrupted. */
public final class Quickstart {
    private static final String VOLUME_SIZE = "64M";

    private final PrintStream out;
    private final Options options;
    private final Path directory;
    private volatile @Nullable VolumeProcess volume;

    private Quickstart(PrintStream out, Options options, Path directory) {
        this.out = out;
        this.options = options;
        this.directory = directory;
    }

    /** Exits 0 when every step did what it should, 1 when one did not, with one line on the standard error stream. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    private static int run(String[] arguments) {
        try {
            Options options = Options.parse(arguments);
            try (Workspace workspace = Workspace.open(options.directory(), options.check())) {
                new Quickstart(System.out, options, workspace.directory()).run();
            }
            return 0;
        } catch (QuickstartException e) {
            System.err.println("quickstart: " + e.getMessage());
        } catch (SdkException e) {
            System.err.println("quickstart: a request failed: " + e.getMessage());
        } catch (IOException e) {
            System.err.println("quickstart: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            System.err.println("quickstart: interrupted");
        }
        return 1;
    }

    private void run() throws IOException, InterruptedException {
        Launcher launcher = new Launcher(options.launcher(), directory.resolve("gateway.log"), Map.of());
        Store store = options.store().isPresent()
                ? new ExternalStore(options.store().get())
                : new EmbeddedStore(directory.resolve("store"));
        say("Store: " + store.description());

        Path keyStore = directory.resolve("keystore");
        Path keyFile = directory.resolve("keystore.key");
        launcher.run("init", keyStore.toString(), "--new-key-file", keyFile.toString());
        Credentials user = principal(launcher, keyStore, keyFile, "quickstart", "--admin");
        Credentials stranger = principal(launcher, keyStore, keyFile, "stranger");
        say("Made a key store, an administrator's access key and an unprivileged one");

        GatewayProcess gateway = GatewayProcess.start(launcher, directory, store);
        Path environment = directory.resolve("env");
        Thread hook = new Thread(() -> stop(environment, gateway, store));
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            say("Gateway: " + gateway.endpoint() + " (S3, KMS and STS), health and metrics: " + gateway.admin());
            Map<String, String> exports = tour(store, gateway, user, stranger);
            Launcher agent = new Launcher(
                    options.volumeLauncher(),
                    directory.resolve("volume.log"),
                    Map.of(
                            "AWS_ACCESS_KEY_ID", user.accessKeyId(),
                            "AWS_SECRET_ACCESS_KEY", user.secretAccessKey()));
            VolumeProcess attached = attach(agent, gateway, exports);
            if (options.check()) {
                say("Check passed");
                return;
            }
            EnvironmentFile.write(environment, exports);
            next(environment);
            CompletableFuture.anyOf(gateway.onExit(), attached.onExit()).join();
            boolean left = attached.onExit().isDone();
            Launcher ended = left ? agent : launcher;
            throw new QuickstartException((left ? "the volume agent" : "the gateway") + " ended: " + ended.lastLine()
                    + " (see " + ended.log() + ")");
        } finally {
            // when the hook itself runs, an interrupt is stopping everything already
            if (removed(hook)) {
                stop(environment, gateway, store);
            }
        }
    }

    private static boolean removed(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private void stop(Path environment, GatewayProcess gateway, Store store) {
        try {
            Files.deleteIfExists(environment);
        } catch (IOException e) {
            System.err.println("quickstart: cannot remove " + environment);
        }
        VolumeProcess attached = volume;
        if (attached != null) {
            attached.close();
        }
        gateway.close();
        // what an interrupt caught while it was being started
        ProcessHandle.current().children().forEach(ProcessHandle::destroy);
        store.close();
    }

    private Credentials principal(Launcher launcher, Path keyStore, Path keyFile, String name, String... more)
            throws IOException, InterruptedException {
        Path file = directory.resolve(name + ".credentials");
        List<String> arguments = new ArrayList<>(List.of(
                "principal",
                "add",
                name,
                "--keystore",
                keyStore.toString(),
                "--key-file",
                keyFile.toString(),
                "--credentials-file",
                file.toString()));
        arguments.addAll(List.of(more));
        launcher.run(arguments.toArray(String[]::new));
        return Credentials.read(file);
    }

    private Map<String, String> tour(Store store, GatewayProcess gateway, Credentials user, Credentials stranger)
            throws IOException {
        try (S3Client s3 = Clients.s3(gateway.endpoint(), user.accessKeyId(), user.secretAccessKey());
                KmsClient kms = Clients.kms(gateway.endpoint(), user.accessKeyId(), user.secretAccessKey());
                StsClient sts = Clients.sts(gateway.endpoint(), stranger.accessKeyId(), stranger.secretAccessKey());
                S3Client other = Clients.s3(gateway.endpoint(), stranger.accessKeyId(), stranger.secretAccessKey());
                S3Client behind = Clients.s3(store.endpoint(), store.accessKey(), store.secretKey())) {
            Tour tour = new Tour(this::say, kms, s3, behind);
            String keyArn = tour.createKey();
            String bucket = "quickstart-" + Secrets.randomName().substring(0, 8);
            tour.createBucket(bucket, keyArn);
            tour.roundTrip(bucket, keyArn, options.sample());
            tour.refusals(bucket, keyArn, options.sample(), other);

            Map<String, String> exports = new LinkedHashMap<>();
            exports.put("AWS_ENDPOINT_URL", gateway.endpoint().toString());
            exports.put("AWS_ACCESS_KEY_ID", user.accessKeyId());
            exports.put("AWS_SECRET_ACCESS_KEY", user.secretAccessKey());
            exports.put("AWS_REGION", Clients.REGION.id());
            // the AWS CLI of version 1 knows only this name
            exports.put("AWS_DEFAULT_REGION", Clients.REGION.id());
            exports.put("SALLYPORT_ADMIN_URL", gateway.admin().toString());
            exports.put("SALLYPORT_KEY_ARN", keyArn);
            exports.put("SALLYPORT_BUCKET", bucket);
            exports.put("SALLYPORT_STORE_URL", store.endpoint().toString());
            exports.put("SALLYPORT_STORE_ACCESS_KEY", store.accessKey());
            exports.put("SALLYPORT_STORE_SECRET_KEY", store.secretKey());
            exports.put("SALLYPORT_ALT_ARN", sts.getCallerIdentity().arn());
            exports.put("SALLYPORT_ALT_ACCESS_KEY_ID", stranger.accessKeyId());
            exports.put("SALLYPORT_ALT_SECRET_ACCESS_KEY", stranger.secretAccessKey());
            return exports;
        }
    }

    private VolumeProcess attach(Launcher agent, GatewayProcess gateway, Map<String, String> exports)
            throws IOException, InterruptedException {
        Path image = directory.resolve("volume.img");
        VolumeProcess attached = VolumeProcess.start(
                agent, image, VOLUME_SIZE, exports.getOrDefault("SALLYPORT_KEY_ARN", ""), gateway.endpoint());
        volume = attached;
        say("Created a volume under that key: " + image + ", a LUKS2 image");
        new VolumeTour(this::say).roundTrip(attached, options.sample());
        exports.put("SALLYPORT_NBD_URI", attached.uri().toString());
        exports.put("SALLYPORT_VOLUME_IMAGE", image.toString());
        return attached;
    }

    private void next(Path environment) {
        Path here = Path.of("").toAbsolutePath();
        Path shown = environment.startsWith(here) ? here.relativize(environment) : environment;
        out.println();
        out.println("Serving until interrupted (Ctrl-C). Try, in another terminal:");
        out.println("  . " + shown);
        out.println("  aws s3 cp README.md s3://$SALLYPORT_BUCKET/");
        out.println("  aws s3 ls s3://$SALLYPORT_BUCKET/");
        out.println("  aws s3api head-object --bucket $SALLYPORT_BUCKET --key README.md");
        out.println("  aws kms encrypt --key-id $SALLYPORT_KEY_ARN --plaintext aGVsbG8=");
        out.println("  rclone --s3-provider Other --s3-env-auth --s3-endpoint $AWS_ENDPOINT_URL"
                + " --s3-server-side-encryption aws:kms lsf :s3:$SALLYPORT_BUCKET");
        out.println("  AWS_ENDPOINT_URL=$SALLYPORT_STORE_URL AWS_ACCESS_KEY_ID=$SALLYPORT_STORE_ACCESS_KEY"
                + " AWS_SECRET_ACCESS_KEY=$SALLYPORT_STORE_SECRET_KEY aws s3 cp s3://$SALLYPORT_BUCKET/README.md - | xxd | head"
                + "   # what the store has");
        out.println("  nbdinfo $SALLYPORT_NBD_URI");
        out.println("  nbdcopy LICENSE $SALLYPORT_NBD_URI");
        out.println("  nbdcopy $SALLYPORT_NBD_URI - | head -c 64");
        out.println("  cryptsetup luksDump $SALLYPORT_VOLUME_IMAGE");
        out.flush();
    }

    private void say(String line) {
        out.println("* " + line);
        out.flush();
    }
}

package dev.sallyport.volume.testing;

import dev.sallyport.kms.client.RemoteKmsAccess;
import dev.sallyport.kms.remote.RemoteKmsOptions;
import dev.sallyport.volume.device.LuksDevice;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.VolumeKeys;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** Reads and writes what is in an image, in the clear. */
public final class Volumes {
    private static final String REGION = "eu-central-1";

    private Volumes() {}

    /** Keys of a test's KMS, which has a second for each answer. */
    public static VolumeKeys keys(TestKms kms) {
        return new VolumeKeys(new RemoteKmsAccess(
                new RemoteKmsOptions(URI.create(kms.endpoint()), REGION, Duration.ofSeconds(1)), REGION, "test"));
    }

    public static byte[] read(Path image, TestKms kms, long position, int length) throws IOException {
        byte[] into = new byte[length];
        try (VolumeImage opened = VolumeImage.open(image, VolumeImage.Use.READ);
                VolumeKeys keys = keys(kms);
                KeyBundle bundle = opened.unlock(keys);
                LuksDevice device = opened.device(bundle.volumeKey(), true, new LuksDevice.Options(true, false))) {
            device.read(position, into, 0, length);
        }
        return into;
    }

    public static void write(Path image, TestKms kms, long position, byte[] bytes) throws IOException {
        try (VolumeImage opened = VolumeImage.open(image, VolumeImage.Use.WRITE);
                VolumeKeys keys = keys(kms);
                KeyBundle bundle = opened.unlock(keys);
                LuksDevice device = opened.device(bundle.volumeKey(), false, new LuksDevice.Options(true, false))) {
            device.write(position, bytes.clone(), 0, bytes.length);
            device.flush();
        }
    }
}

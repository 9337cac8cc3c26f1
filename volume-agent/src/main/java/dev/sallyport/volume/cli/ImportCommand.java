package dev.sallyport.volume.cli;

import dev.sallyport.volume.device.LuksDevice;
import dev.sallyport.volume.image.NewImage;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.luks.LuksImage;
import dev.sallyport.volume.nbd.client.NbdUri;
import dev.sallyport.volume.transfer.Copy;
import dev.sallyport.volume.transfer.NbdSource;
import dev.sallyport.volume.transfer.RawFile;
import dev.sallyport.volume.transfer.Source;
import dev.sallyport.volume.transfer.Unfinished;
import dev.sallyport.volume.transfer.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes an image of something in the clear. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Makes an encrypted image of a raw file, a block device or an NBD export.",
            "The image gets its name when all of it is copied, durable and compared; until then it is IMAGE.partial, and"
                    + " the same command goes on where an interrupted one came to. Holes of the source become encrypted"
                    + " zeros. Other formats: serve them with qemu-nbd, and import from there."
        })
final class ImportCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "SOURCE",
            description = "A raw file, a block device, nbd://HOST:PORT/EXPORT or nbd+unix:///EXPORT?socket=PATH.")
    private String from = "";

    @Parameters(index = "1", paramLabel = "IMAGE", description = "The file to make; never overwritten.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path image;

    @Mixin
    private final NewVolumeOptions volume = new NewVolumeOptions();

    @Mixin
    private final TransferOptions transfer = new TransferOptions();

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    @Override
    public Integer call() throws IOException {
        volume.check();
        Unfinished unfinished = transfer.unfinished(image);
        try (Source source = source()) {
            long size = (source.size() + LuksImage.SECTOR_SIZE - 1) / LuksImage.SECTOR_SIZE * LuksImage.SECTOR_SIZE;
            if (size <= 0 || size > NewImage.MAX_SIZE) {
                throw new CommandFailedException(ExitCode.FAILED, from + " is empty, or larger than 16T");
            }
            try (VolumeKeys keys = kms.open(volume.key())) {
                if (!Files.exists(unfinished.partial())) {
                    unfinished.journal().delete();
                    volume.create(unfinished.partial(), String.valueOf(image.getFileName()), size, keys);
                }
                copy(source, size, unfinished, keys);
            }
        }
        return ExitCode.OK;
    }

    private void copy(Source source, long size, Unfinished unfinished, VolumeKeys keys) throws IOException {
        try (VolumeImage opened = VolumeImage.open(unfinished.partial(), VolumeImage.Use.WRITE)) {
            if (opened.token().size() != size) {
                throw new CommandFailedException(
                        ExitCode.FAILED,
                        unfinished.partial() + " was begun for a source of another size; start over with --restart");
            }
            try (KeyBundle bundle = opened.unlock(keys);
                    LuksDevice device = opened.device(bundle.volumeKey(), false, new LuksDevice.Options(true, false))) {
                Volume target = new Volume(device, opened.header().uuid());
                Copy copy = new Copy(
                        source,
                        target,
                        unfinished.journal(),
                        TransferOptions.progress(spec.commandLine().getErr()));
                copy.run();
                if (size > source.size()) {
                    target.hole(source.size(), size - source.size());
                    target.flush();
                }
                copy.verify();
                unfinished.publish();
            }
            transfer.report(
                    spec.commandLine().getOut(),
                    "imported " + from + " to " + image + ": volume "
                            + opened.header().uuid() + ", " + size + " bytes, key "
                            + opened.token().keyArn(),
                    image,
                    opened.header().uuid(),
                    size);
        }
    }

    private Source source() throws IOException {
        if (!NbdUri.is(from)) {
            return RawFile.toRead(Path.of(from));
        }
        try {
            return NbdSource.connect(from);
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }
}

package dev.sallyport.volume.cli;

import dev.sallyport.volume.device.LuksDevice;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.transfer.Copy;
import dev.sallyport.volume.transfer.RawFile;
import dev.sallyport.volume.transfer.RawStream;
import dev.sallyport.volume.transfer.Unfinished;
import dev.sallyport.volume.transfer.Volume;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a volume in the clear. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a volume's data in the clear, to a raw file or to the standard output.",
            "The file gets its name when all of it is copied, durable and compared; until then it is FILE.partial, and the"
                    + " same command goes on where an interrupted one came to. What was never written is left out as"
                    + " holes; on the standard output it is zeros."
        })
final class ExportCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final ImageArgument image = new ImageArgument();

    @Parameters(index = "1", paramLabel = "FILE", description = "The file to make, never overwritten; or - .")
    private String to = "";

    @Mixin
    private final TransferOptions transfer = new TransferOptions();

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    @Override
    public Integer call() throws IOException {
        Unfinished unfinished = to.equals("-") ? null : transfer.unfinished(Path.of(to));
        if (unfinished == null && TransferOptions.onTerminal()) {
            throw new CommandFailedException(ExitCode.USAGE, "a volume is not written to a terminal: use a pipe");
        }
        try (VolumeImage opened = VolumeImage.open(image.path(), VolumeImage.Use.READ);
                VolumeKeys keys = kms.open(opened.token().keyArn());
                KeyBundle bundle = opened.unlock(keys);
                LuksDevice device = opened.device(bundle.volumeKey(), true, new LuksDevice.Options(true, false))) {
            String uuid = opened.header().uuid();
            Volume source =
                    new Volume(device, "volume " + uuid + " modified " + Files.getLastModifiedTime(image.path()));
            if (unfinished == null) {
                stream(source);
                return ExitCode.OK;
            }
            try (RawFile target = RawFile.toWrite(unfinished.partial(), source.size())) {
                Copy copy = new Copy(
                        source,
                        target,
                        unfinished.journal(),
                        TransferOptions.progress(spec.commandLine().getErr()));
                copy.run();
                copy.verify();
                unfinished.publish();
            }
            transfer.report(
                    spec.commandLine().getOut(),
                    "exported " + image.path() + " to " + to + ": " + source.size() + " bytes in the clear",
                    Path.of(to),
                    uuid,
                    source.size());
        }
        return ExitCode.OK;
    }

    /** Nothing else may be written to the standard output. */
    private void stream(Volume source) throws IOException {
        try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
            new Copy(
                            source,
                            new RawStream(out),
                            null,
                            TransferOptions.progress(spec.commandLine().getErr()))
                    .run();
        }
    }
}

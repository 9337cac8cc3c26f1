package dev.sallyport.gateway.cli;

import dev.sallyport.kms.envelope.EnvelopeInputStream;
import dev.sallyport.kms.envelope.EnvelopeReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sallyport decrypt}: what is in an envelope. */
@Command(
        name = "decrypt",
        description = {
            "Decrypts an envelope that `sallyport encrypt` made.",
            "Without --key, with whatever keys of the KMS the envelope names. A file is made only when all of it has been"
                    + " authenticated; on the standard output, each segment is, and the exit code says whether all came."
                    + " With --context, an envelope that was made without these pairs is refused."
        },
        mixinStandardHelpOptions = true)
final class DecryptCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final EnvelopeFiles files = new EnvelopeFiles();

    @Mixin
    private final EnvelopeKeyOptions options = new EnvelopeKeyOptions();

    @Override
    public Integer call() throws IOException {
        try (EnvelopeKeyOptions keys = options) {
            EnvelopeReader reader = EnvelopeReader.with(keys.openers()).requiring(keys.context());
            Path made = files.run(
                    "decrypting", files.contentName(), spec.commandLine().getErr(), (in, out) -> {
                        try (EnvelopeInputStream opened = reader.open(in)) {
                            opened.transferTo(out);
                        }
                    });
            if (made != null) {
                spec.commandLine().getOut().println("decrypted to " + made);
                spec.commandLine().getOut().flush();
            }
        }
        return ExitCode.OK;
    }
}

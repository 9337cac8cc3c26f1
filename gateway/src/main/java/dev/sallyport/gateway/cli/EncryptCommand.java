package dev.sallyport.gateway.cli;

import dev.sallyport.kms.envelope.EnvelopeWriter;
import dev.sallyport.kms.envelope.MasterKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sallyport encrypt}: a file or stream into an envelope. */
@Command(
        name = "encrypt",
        description = {
            "Encrypts a file or stream under one or several master keys.",
            "The envelope carries its own data key, wrapped; each of the keys opens it, or with --all-of only all of them"
                    + " together. Example: sallyport encrypt notes.txt --key alias/backup --key file:offline.key"
        },
        mixinStandardHelpOptions = true)
final class EncryptCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final EnvelopeFiles files = new EnvelopeFiles();

    @Mixin
    private final EnvelopeKeyOptions options = new EnvelopeKeyOptions();

    @Option(names = "--all-of", description = "All keys are needed to open it, none less.")
    private boolean allOf;

    @Option(names = "--cascade", description = "Two ciphers, AES-256-GCM inside ChaCha20-Poly1305.")
    private boolean cascade;

    @Override
    public Integer call() throws IOException {
        if (files.toTerminal()) {
            throw new CommandFailedException(
                    ExitCode.USAGE, "an envelope is not written to a terminal: use a pipe or --output");
        }
        if (!options.named()) {
            throw new CommandFailedException(ExitCode.USAGE, "name a master key: --key KEY, or --key file:PATH");
        }
        try (EnvelopeKeyOptions keys = options) {
            EnvelopeWriter writer = writer(keys.keys());
            Path made = files.run(
                    "encrypting", files.envelopeName(), spec.commandLine().getErr(), (in, out) -> writer.seal(in, out));
            if (made != null) {
                spec.commandLine().getOut().println("encrypted to " + made);
                spec.commandLine().getOut().flush();
            }
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
        return ExitCode.OK;
    }

    private EnvelopeWriter writer(List<MasterKey> keys) {
        if (allOf && keys.size() < 2) {
            throw new CommandFailedException(ExitCode.USAGE, "--all-of needs at least two keys");
        }
        EnvelopeWriter writer =
                (allOf ? EnvelopeWriter.allOf(keys) : EnvelopeWriter.anyOf(keys)).context(options.context());
        return cascade ? writer.cascade() : writer;
    }
}

package dev.sallyport.volume.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is done with passphrases. */
@Command(
        name = "passphrase",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(add | remove)",
        description = {
            "Adds and removes break-glass passphrases.",
            "They are LUKS2 keyslots that open an image without any KMS, with cryptsetup or with adopt. They are also managed with cryptsetup itself: luksAddKey, luksRemoveKey."
        },
        subcommands = {PassphraseAddCommand.class, PassphraseRemoveCommand.class})
final class PassphraseCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say add or remove; see: sallyport-volume passphrase --help");
    }
}

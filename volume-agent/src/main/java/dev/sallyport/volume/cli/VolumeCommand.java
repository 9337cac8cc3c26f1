package dev.sallyport.volume.cli;

import ch.qos.logback.classic.Level;
import dev.sallyport.kms.KmsException;
import dev.sallyport.volume.host.ProcessGuard;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The root of the command line. */
@Command(
        name = "sallyport-volume",
        description = "Encrypted block volumes: LUKS2 images whose keys a KMS holds, served over NBD.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        version = "sallyport-volume 0.1.0",
        subcommands = {
            CreateCommand.class,
            ImportCommand.class,
            ExportCommand.class,
            AttachCommand.class,
            DetachCommand.class,
            ListCommand.class,
            InspectCommand.class,
            VerifyCommand.class,
            AdoptCommand.class,
            RekeyCommand.class,
            PassphraseCommand.class,
            ExportKeyCommand.class,
            ResizeCommand.class,
            GenerateCompletion.class
        },
        footer = {
            "",
            "A first volume, with a gateway's KMS (credentials as for the AWS CLI):",
            "  sallyport-volume create disk.img --size 1G --key alias/volumes --kms-endpoint http://127.0.0.1:9000",
            "  sallyport-volume attach disk.img --socket /tmp/disk.sock --kms-endpoint http://127.0.0.1:9000",
            "  nbdcopy file.raw 'nbd+unix:///?socket=/tmp/disk.sock'"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed; one line on the standard error stream says why",
            "2:wrong command line",
            "3:another process uses the image or owns the key store",
            "4:wrong or unusable passphrase or key file",
            "5:header damaged, changed or not supported",
            "6:the KMS refused",
            "7:the KMS cannot be asked"
        })
public final class VolumeCommand implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(VolumeCommand.class);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing; see: sallyport-volume --help");
    }

    /** Runs a command line; returns the exit code. */
    public static int run(String... arguments) {
        boolean serves = arguments.length > 0 && arguments[0].equals("attach");
        if (LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof ch.qos.logback.classic.Logger root) {
            root.setLevel(serves ? Level.INFO : Level.ERROR);
        }
        ProcessGuard.forbidDumps();
        return commandLine().execute(arguments);
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new VolumeCommand());
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            LOG.debug("command failed", e);
            print(command, oneLine(e));
            return ExitCode.of(e);
        });
        line.setParameterExceptionHandler((e, arguments) -> {
            print(e.getCommandLine(), usage(e));
            return ExitCode.USAGE;
        });
        return line;
    }

    /** What is wrong with a command line, without its values: one may be a secret, typed where none belongs. */
    private static String usage(ParameterException e) {
        return e instanceof UnmatchedArgumentException unmatched
                ? "unknown option or argument: "
                        + unmatched.getUnmatched().getFirst().split("=", 2)[0]
                : oneLine(e);
    }

    private static void print(CommandLine command, String message) {
        command.getErr().println("sallyport-volume: " + message);
        command.getErr().flush();
    }

    private static String oneLine(Exception e) {
        String message = switch (e) {
            case KmsException kms ->
                "the KMS refused: " + kms.code().wireName()
                        + (kms.getMessage().isEmpty() ? "" : ": " + kms.getMessage());
            case FileAlreadyExistsException exists -> exists.getFile() + " exists already: it is never overwritten";
            case NoSuchFileException missing -> missing.getFile() + " does not exist";
            default -> Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        };
        return message.replace('\r', ' ').replace('\n', ' ');
    }
}

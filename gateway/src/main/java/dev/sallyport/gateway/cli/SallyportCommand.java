package dev.sallyport.gateway.cli;

import ch.qos.logback.classic.Level;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.envelope.EnvelopeException;
import dev.sallyport.kms.seal.SealException;
import dev.sallyport.kms.store.StoreException;
import java.io.PrintWriter;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The root of the command line. */
@Command(
        name = "sallyport",
        description = "Encrypts objects with keys that you control, in front of the S3 store that you already run.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        subcommands = {
            InitCommand.class,
            ServeCommand.class,
            CheckConfigCommand.class,
            PrincipalCommand.class,
            KeystoreCommand.class,
            BucketCommand.class,
            AuditCommand.class,
            EncryptCommand.class,
            DecryptCommand.class,
            InspectCommand.class,
            VersionCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed; one line on the standard error stream says why",
            "2:wrong command line",
            "3:another process owns the key store",
            "4:wrong or unusable passphrase or key file",
            "5:key store, backup or envelope damaged, edited or rolled back, or an envelope cut short"
        })
public final class SallyportCommand implements Runnable {
    private static final String SERVE = "serve";
    private static final Logger LOG = LoggerFactory.getLogger(SallyportCommand.class);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing; see: sallyport --help");
    }

    /** Runs a command line; returns the exit code. */
    public static int run(String... arguments) {
        if (arguments.length == 0 || !arguments[0].equals(SERVE)) {
            quietenLogs();
        }
        return commandLine().execute(arguments);
    }

    /** A command prints its result or one line; what the libraries have to say is for a server's log. */
    private static void quietenLogs() {
        if (LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof ch.qos.logback.classic.Logger root) {
            root.setLevel(Level.ERROR);
        }
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new SallyportCommand());
        line.setExecutionExceptionHandler((e, command, parsed) -> fail(command, e));
        line.setParameterExceptionHandler((e, arguments) -> {
            print(e.getCommandLine(), usage(e));
            return ExitCode.USAGE;
        });
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
    }

    private static int fail(CommandLine command, Exception e) {
        print(command, oneLine(e));
        return switch (e) {
            case CommandFailedException failed -> failed.exitCode();
            case StoreException store -> ExitCode.of(store);
            case SealException seal -> ExitCode.of(seal);
            case EnvelopeFiles.IncompleteException incomplete -> ExitCode.of(incomplete);
            case EnvelopeException envelope -> ExitCode.of(envelope);
            case KmsException kms -> ExitCode.FAILED;
            default -> {
                LOG.debug("command failed", e);
                yield ExitCode.FAILED;
            }
        };
    }

    /** What is wrong with a command line, without the values on it: one of them may be a secret, typed where none belongs. */
    private static String usage(ParameterException e) {
        return e instanceof UnmatchedArgumentException unmatched
                ? "unknown option or argument: "
                        + unmatched.getUnmatched().getFirst().split("=", 2)[0]
                : oneLine(e);
    }

    private static void print(CommandLine command, String message) {
        PrintWriter err = command.getErr();
        err.println("sallyport: " + message);
        err.flush();
    }

    private static String oneLine(Exception e) {
        String message = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        if (e instanceof KmsException kms) {
            message = kms.code().wireName() + (message.isEmpty() ? "" : ": " + message);
        }
        return message.replace('\r', ' ').replace('\n', ' ');
    }
}

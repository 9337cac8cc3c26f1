package dev.sallyport.gateway.cli;

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

/** The root of the command line. */
@Command(
        name = "sallyport",
        description = "Encrypts objects with keys that you control, in front of the S3 store that you already run.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        subcommands = {
            InitCommand.class,
            PrincipalCommand.class,
            KeystoreCommand.class,
            AuditCommand.class,
            VersionCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed; one line on the standard error stream says why",
            "2:wrong command line",
            "3:another process owns the key store",
            "4:wrong or unusable passphrase or key file",
            "5:key store or backup damaged, edited or rolled back"
        })
public final class SallyportCommand implements Runnable {
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
        return commandLine().execute(arguments);
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new SallyportCommand());
        line.setExecutionExceptionHandler((e, command, parsed) -> fail(command, e));
        line.setParameterExceptionHandler((e, arguments) -> {
            print(e.getCommandLine(), oneLine(e));
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
            default -> {
                LOG.debug("command failed", e);
                yield ExitCode.FAILED;
            }
        };
    }

    private static void print(CommandLine command, String message) {
        PrintWriter err = command.getErr();
        err.println("sallyport: " + message);
        err.flush();
    }

    private static String oneLine(Exception e) {
        String message = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        return message.replace('\r', ' ').replace('\n', ' ');
    }
}

package dev.sallyport.gateway.cli;

import dev.sallyport.gateway.config.ConfigException;
import dev.sallyport.gateway.config.ConfigReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport check-config}: names every mistake of a configuration at once, with its line. */
@Command(
        name = "check-config",
        description = "Reads a configuration and names every mistake, with its line.",
        mixinStandardHelpOptions = true)
final class CheckConfigCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "FILE", description = "The YAML configuration.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        try {
            ConfigReader.read(file);
        } catch (ConfigException e) {
            return report(spec.commandLine(), file, e);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(file + ": ok");
        out.flush();
        return ExitCode.OK;
    }

    static int report(CommandLine command, Path file, ConfigException e) {
        PrintWriter err = command.getErr();
        for (ConfigException.Problem problem : e.problems()) {
            err.println(
                    problem.line() > 0
                            ? file + ":" + problem.line() + ": " + problem.text()
                            : "sallyport: " + problem.text());
        }
        err.flush();
        return ExitCode.FAILED;
    }
}

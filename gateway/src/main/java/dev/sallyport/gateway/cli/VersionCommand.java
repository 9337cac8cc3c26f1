package dev.sallyport.gateway.cli;

import dev.sallyport.kms.crypto.Providers;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sallyport version}: what runs here. */
@Command(name = "version", description = "Prints the version, and what it runs on.", mixinStandardHelpOptions = true)
final class VersionCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.println("sallyport " + VersionProvider.version());
        out.println("java " + Runtime.version());
        out.println("cryptography " + Providers.current().name());
        out.flush();
        return ExitCode.OK;
    }
}

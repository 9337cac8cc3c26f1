package dev.sallyport.gateway.cli;

import dev.sallyport.gateway.Gateway;
import dev.sallyport.gateway.config.ConfigException;
import dev.sallyport.gateway.config.ConfigReader;
import dev.sallyport.gateway.config.GatewayConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sallyport serve}: runs the gateway until it is told to stop by SIGTERM or SIGINT, which drains it first. */
@Command(name = "serve", description = "Runs the gateway.", mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The YAML configuration.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        GatewayConfig config;
        try {
            config = ConfigReader.read(file);
        } catch (ConfigException e) {
            return CheckConfigCommand.report(spec.commandLine(), file, e);
        }
        Gateway gateway;
        try {
            gateway = Gateway.start(config);
        } catch (IOException e) {
            throw new CommandFailedException(ExitCode.FAILED, String.valueOf(e.getMessage()));
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Thread drain = new Thread(
                () -> {
                    gateway.close();
                    stopped.countDown();
                },
                "drain");
        Runtime.getRuntime().addShutdownHook(drain);
        stopped.await();
        return ExitCode.OK;
    }
}

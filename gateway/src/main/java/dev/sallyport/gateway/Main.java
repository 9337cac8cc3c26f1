package dev.sallyport.gateway;

import dev.sallyport.gateway.cli.SallyportCommand;

/** Entry point of {@code bin/sallyport}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(SallyportCommand.run(arguments));
    }
}

package dev.sallyport.gateway;

import dev.sallyport.gateway.cli.SallyportCommand;

/** Entry point of {@code bin/sallyport}. */
public final class Main {
    private static final String LOG_LEVEL = "sallyport.log.level";

    private Main() {}

    public static void main(String[] arguments) {
        boolean serves = arguments.length > 0 && arguments[0].equals("serve");
        if (!serves && System.getProperty(LOG_LEVEL) == null) {
            // a command says what it did by itself; before the first logger is made
            System.setProperty(LOG_LEVEL, "WARN");
        }
        System.exit(SallyportCommand.run(arguments));
    }
}

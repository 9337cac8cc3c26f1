package dev.sallyport.volume;

import dev.sallyport.volume.cli.VolumeCommand;

/** Entry point of {@code bin/sallyport-volume}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(VolumeCommand.run(arguments));
    }
}

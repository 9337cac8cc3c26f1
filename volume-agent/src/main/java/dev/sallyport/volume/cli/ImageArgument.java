package dev.sallyport.volume.cli;

import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The image that most commands are about. */
final class ImageArgument {
    @Parameters(paramLabel = "IMAGE", description = "A LUKS2 image.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path image;

    Path path() {
        return image;
    }
}

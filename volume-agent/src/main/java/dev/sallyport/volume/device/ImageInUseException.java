package dev.sallyport.volume.device;

import java.io.IOException;
import java.nio.file.Path;

/** Another process has the image in use. */
public final class ImageInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    ImageInUseException(Path image) {
        super(image + " is in use by another process (see: sallyport-volume list)");
    }
}

package dev.sallyport.volume.keys;

/** Keys that do not fit the image they should open. One line, for people; no secret. */
public final class VolumeKeyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public VolumeKeyException(String message) {
        super(message, null, false, false);
    }
}

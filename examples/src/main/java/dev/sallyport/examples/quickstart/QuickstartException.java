package dev.sallyport.examples.quickstart;

/** A step that did not do what it should; the message is one line for a person. */
final class QuickstartException extends RuntimeException {
    private static final long serialVersionUID = 1;

    QuickstartException(String message) {
        super(message);
    }
}

package dev.sallyport.gateway.object;

/** The object was replaced between two requests of one read; the read begins anew. */
final class ObjectChangedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ObjectChangedException() {
        super("the object changed while it was read", null, false, false);
    }
}

package dev.sallyport.kms.access;

/** Where the evaluator asks whether a grant on the key allows a request that its policies do not. */
@FunctionalInterface
public interface Grants {
    /** No grants at all. */
    Grants NONE = request -> false;

    /** Whether a live grant, with its operations and context constraints, allows the request. */
    boolean allow(AccessRequest request);
}

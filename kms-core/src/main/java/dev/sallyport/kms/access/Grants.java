package dev.sallyport.kms.access;

/** Where the evaluator asks whether a grant on the key allows a request that its policies do not. */
@FunctionalInterface
public interface Grants {
    /** No grants at all. */
    Grants NONE = (request, delegated) -> false;

    /**
     * Whether a live grant, with its operations and context constraints, allows the request. Asked only when nothing denies.
     *
     * @param delegated whether the caller's own policies allow the request: a grant to an account leaves the question to them,
     *     as a key policy does that names an account
     */
    boolean allow(AccessRequest request, boolean delegated);
}

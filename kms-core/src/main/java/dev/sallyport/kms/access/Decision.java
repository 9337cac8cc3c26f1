package dev.sallyport.kms.access;

/** What policies say of a request. Only {@link #ALLOW} lets it pass; the other two differ in AWS's error texts. */
public enum Decision {
    ALLOW,
    EXPLICIT_DENY,
    IMPLICIT_DENY
}

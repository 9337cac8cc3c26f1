package dev.sallyport.kms.service;

/**
 * The states of a key that this service has so far.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html">Key states of AWS KMS keys</a>
 */
public enum KeyState {
    ENABLED("Enabled"),
    DISABLED("Disabled"),
    PENDING_DELETION("PendingDeletion");

    private final String wireName;

    KeyState(String wireName) {
        this.wireName = wireName;
    }

    /** The name in {@code KeyMetadata.KeyState}. */
    public String wireName() {
        return wireName;
    }
}

package dev.sallyport.kms.principal;

/** What an access key belongs to. */
public enum AccessKeyType {
    /** A user's long-term key ({@code AKIA…}). */
    USER("user"),
    /** A session's temporary key ({@code ASIA…}): room in the format; this version makes none and refuses them. */
    SESSION("session");

    private final String wireName;

    AccessKeyType(String wireName) {
        this.wireName = wireName;
    }

    /** The name in the row. */
    public String wireName() {
        return wireName;
    }
}

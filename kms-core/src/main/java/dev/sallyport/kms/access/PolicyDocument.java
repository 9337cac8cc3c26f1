package dev.sallyport.kms.access;

/** A validated IAM policy document. */
public final class PolicyDocument {
    private final String json;

    PolicyDocument(String json) {
        this.json = json;
    }

    /** The document as it was put. */
    public String json() {
        return json;
    }
}

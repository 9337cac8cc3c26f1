package dev.sallyport.gateway.s3;

/** The document that answers a refused request. */
public final class ErrorXml {
    private ErrorXml() {}

    /**
     * @param resource the path that was asked for, decoded or not as it came
     * @param requestId as in {@code x-amz-request-id}
     * @param hostId as in {@code x-amz-id-2}
     */
    public static byte[] render(S3Exception error, String resource, String requestId, String hostId) {
        XmlWriter xml = XmlWriter.plainDocument("Error");
        xml.element("Code", error.code()).element("Message", error.getMessage());
        error.details().forEach(xml::element);
        return xml.element("Resource", resource)
                .element("RequestId", requestId)
                .element("HostId", hostId)
                .toBytes();
    }
}

package dev.sallyport.gateway.s3;

import java.nio.charset.StandardCharsets;

/** Parses {@code x-amz-copy-source}: {@code bucket/key} or {@code /bucket/key}, percent-encoded. */
final class CopySourceParser {
    private static final String HEADER = "x-amz-copy-source";

    private CopySourceParser() {}

    static CopySource parse(String sent, ReadConditions conditions) {
        String source = sent;
        int version = source.indexOf("?versionId=");
        if (version >= 0) {
            if (!source.substring(version).equals("?versionId=null")) {
                throw S3Errors.notImplemented("versionId in the header x-amz-copy-source")
                        .with("Header", HEADER);
            }
            source = source.substring(0, version);
        }
        if (source.startsWith("arn:")) {
            throw S3Errors.notImplemented("ARN in the header x-amz-copy-source").with("Header", HEADER);
        }
        String decoded = PercentCoding.decode(source.startsWith("/") ? source.substring(1) : source, false);
        if (decoded == null) {
            throw S3Errors.invalidArgument("Invalid copy source encoding", HEADER, HEADER);
        }
        // Some clients encode the slash after the bucket as well, or put one more in front.
        String path = decoded.startsWith("/") ? decoded.substring(1) : decoded;
        int slash = path.indexOf('/');
        if (slash <= 0 || slash == path.length() - 1) {
            throw S3Errors.invalidArgument("Invalid copy source object key", HEADER, HEADER);
        }
        String key = path.substring(slash + 1);
        if (key.getBytes(StandardCharsets.UTF_8).length > Target.MAX_KEY) {
            throw S3Errors.invalidArgument("Invalid copy source object key", HEADER, HEADER);
        }
        return new CopySource(BucketName.require(path.substring(0, slash)), key, conditions);
    }
}

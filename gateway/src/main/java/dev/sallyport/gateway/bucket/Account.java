package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.s3.S3Arn;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Whose buckets they are.
 *
 * @param accountId twelve digits
 * @param region the one region of the installation
 */
public record Account(String accountId, String region) {
    /** The owner's canonical id: 64 hex digits that follow from the account, as no store's own id does. */
    public String ownerId() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(("sallyport canonical user " + accountId).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What HEAD says of a bucket. */
    HttpHeaders bucketHeaders(String bucket) {
        return new DefaultHttpHeaders()
                .set("x-amz-bucket-region", region)
                .set("x-amz-bucket-arn", S3Arn.bucket(bucket))
                .set("x-amz-access-point-alias", "false")
                .set("content-type", "application/xml");
    }
}

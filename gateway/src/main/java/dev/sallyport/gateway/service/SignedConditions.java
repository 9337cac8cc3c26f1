package dev.sallyport.gateway.service;

import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.kms.access.AccessRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Condition keys that follow from what a client signed, in headers or in a presigned URL: without them a Deny on
 * {@code s3:signatureAge} or {@code s3:x-amz-content-sha256} would never apply.
 */
final class SignedConditions {
    private static final DateTimeFormatter AMZ_DATE = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT);

    private SignedConditions() {}

    static AccessRequest add(AccessRequest question, S3Call call, Instant now) {
        AccessRequest with = question;
        String hash = sent(call, "x-amz-content-sha256");
        if (hash == null && call.verified().presigned()) {
            // what a presigned URL without it signs
            hash = "UNSIGNED-PAYLOAD";
        }
        if (hash != null) {
            with = with.with("s3:x-amz-content-sha256", hash);
        }
        String acl = sent(call, "x-amz-acl");
        if (acl != null) {
            with = with.with("s3:x-amz-acl", acl);
        }
        String ownership = sent(call, "x-amz-object-ownership");
        if (ownership != null) {
            with = with.with("s3:x-amz-object-ownership", ownership);
        }
        String date = sent(call, "x-amz-date");
        if (date != null) {
            try {
                Instant signed = LocalDateTime.parse(date, AMZ_DATE).toInstant(ZoneOffset.UTC);
                long age = Math.max(0, Duration.between(signed, now).toMillis());
                with = with.with("s3:signatureAge", Long.toString(age));
            } catch (DateTimeParseException e) {
                // the older Date form, at most as old as the clock skew that the signature's verification allows
                return with;
            }
        }
        return with;
    }

    /** A header, or the parameter of a URL that stands for it. */
    private static @Nullable String sent(S3Call call, String name) {
        String header = call.exchange().headers().get(name);
        if (header != null) {
            return header.strip();
        }
        for (Map.Entry<String, List<String>> parameter :
                new QueryStringDecoder(call.exchange().rawTarget()).parameters().entrySet()) {
            if (parameter.getKey().equalsIgnoreCase(name)) {
                return parameter.getValue().getFirst();
            }
        }
        return null;
    }
}

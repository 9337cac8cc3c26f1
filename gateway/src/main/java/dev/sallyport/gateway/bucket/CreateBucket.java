package dev.sallyport.gateway.bucket;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.operation.S3Access;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.operation.SmallBody;
import dev.sallyport.gateway.operation.StoreErrors;
import dev.sallyport.gateway.s3.BucketRequest;
import dev.sallyport.gateway.s3.PayloadDigests;
import dev.sallyport.gateway.s3.S3Arn;
import dev.sallyport.gateway.s3.S3Errors;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.XmlElement;
import dev.sallyport.gateway.s3.XmlWriter;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** CreateBucket. */
public final class CreateBucket implements S3Operation<BucketRequest.CreateBucket> {
    private static final int MAX_BODY = 16 * 1024;
    private static final String FIRST_REGION = "us-east-1";

    private final BucketStore store;
    private final Account account;
    private final String storeRegion;
    private final S3Access access;

    /**
     * @param storeRegion the region that the store is in, as it wants it named
     * @param access decides once the location is known, which is in the body
     */
    public CreateBucket(BucketStore store, Account account, String storeRegion, S3Access access) {
        this.access = access;
        this.store = store;
        this.account = account;
        this.storeRegion = storeRegion;
    }

    @Override
    public void handle(S3Call call, BucketRequest.CreateBucket request) {
        String constraint = constraint(SmallBody.read(call, PayloadDigests.NONE, MAX_BODY));
        String bucket = request.bucket();
        S3Exception denied = access.denial(
                call,
                "s3:CreateBucket",
                bucket,
                null,
                constraint == null ? Map.of() : Map.of("s3:LocationConstraint", constraint));
        if (denied != null) {
            throw denied;
        }
        checkConstraint(constraint);
        if (!store.names().isFree(bucket)) {
            throw alreadyExists(bucket);
        }
        try {
            make(call, bucket);
        } catch (S3Exception e) {
            boolean ours = e.code().equals("BucketAlreadyOwnedByYou");
            // In its first region AWS answers 200 to the owner.
            if (!(ours && account.region().equals(FIRST_REGION))) {
                throw ours ? alreadyOwned(bucket) : e.code().equals("BucketAlreadyExists") ? alreadyExists(bucket) : e;
            }
        }
        call.respond(
                200,
                new DefaultHttpHeaders().set("location", "/" + bucket).set("x-amz-bucket-arn", S3Arn.bucket(bucket)));
    }

    private void make(S3Call call, String bucket) {
        byte[] body = new byte[0];
        HttpHeaders headers = new DefaultHttpHeaders();
        if (!storeRegion.equals(FIRST_REGION)) {
            body = XmlWriter.document("CreateBucketConfiguration")
                    .element("LocationConstraint", storeRegion)
                    .toBytes();
            headers.set("content-type", "application/xml");
        }
        BackendResponse response = store.execute(call, "PUT", bucket, null, List.of(), headers, body);
        if (response.status() != 200) {
            throw StoreErrors.of(response, bucket, null);
        }
        response.close();
    }

    private static @Nullable String constraint(byte[] body) {
        if (body.length == 0) {
            return null;
        }
        XmlElement configuration = XmlElement.parse(body, "CreateBucketConfiguration");
        for (XmlElement child : configuration.children()) {
            switch (child.name()) {
                case "LocationConstraint" -> {
                    // Read below.
                }
                case "Tags" -> {
                    if (!child.children().isEmpty()) {
                        throw S3Errors.notImplemented("element 'Tags' of CreateBucketConfiguration");
                    }
                }
                case "Location", "Bucket" ->
                    throw S3Errors.notImplemented("element '" + child.name() + "' of CreateBucketConfiguration");
                default -> throw S3Errors.malformedXml();
            }
        }
        String constraint = configuration.childText("LocationConstraint");
        return constraint == null || constraint.isEmpty() ? null : constraint;
    }

    private void checkConstraint(@Nullable String constraint) {
        String region = account.region();
        if (region.equals(FIRST_REGION)) {
            if (constraint != null) {
                throw new S3Exception(
                                400, "InvalidLocationConstraint", "The specified location-constraint is not valid")
                        .with("LocationConstraint", constraint);
            }
            return;
        }
        boolean same = region.equals(constraint) || (region.equals("eu-west-1") && "EU".equals(constraint));
        if (!same) {
            throw new S3Exception(
                    400,
                    "IllegalLocationConstraintException",
                    "The " + (constraint == null ? "unspecified" : constraint)
                            + " location constraint is incompatible for the region specific endpoint this request was sent to.");
        }
    }

    private static S3Exception alreadyOwned(String bucket) {
        return new S3Exception(
                        409,
                        "BucketAlreadyOwnedByYou",
                        "Your previous request to create the named bucket succeeded and you already own it.")
                .with("BucketName", bucket);
    }

    private static S3Exception alreadyExists(String bucket) {
        return new S3Exception(
                        409,
                        "BucketAlreadyExists",
                        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.")
                .with("BucketName", bucket);
    }
}

package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.format.ObjectMetadata;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.ReadOptions;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Predicate;

/**
 * Objects that the gateway did not write, in buckets whose operator chose to have them served as they are. An object that
 * has metadata of the gateway's is never foreign, however wrong that is.
 */
public final class ForeignObjects {
    private final Predicate<String> mixed;

    /** @param mixed whether a bucket, by the gateway's name, serves foreign objects */
    public ForeignObjects(Predicate<String> mixed) {
        this.mixed = mixed;
    }

    boolean serves(String bucket, HttpHeaders stored) {
        return !stored.contains(ObjectMetadata.HEADER) && mixed.test(bucket);
    }

    /** Serves a foreign object as the store gives it. */
    boolean get(S3Call call, ObjectRequest.GetObject request, ObjectReader reader) {
        ReadOptions options = request.options();
        String range = options.range();
        BackendResponse response =
                reader.request(call, "GET", request.bucket(), request.key(), options.conditions(), range);
        int status = response.status();
        if (status != 200 && status != 206) {
            return ReadAnswer.refuse(call, response, request.bucket(), request.key(), options.conditions());
        }
        if (!serves(request.bucket(), response.headers())) {
            response.close();
            throw new ObjectChangedException();
        }
        HttpHeaders headers = StoreHeaders.plain(response.headers());
        String contentRange = response.headers().get("content-range");
        if (contentRange != null) {
            headers.set("content-range", contentRange);
        }
        options.overrides().forEach(headers::set);
        String length = response.headers().get("content-length");
        ByteSink out = call.exchange().respondStreaming(status, headers, length == null ? -1 : Long.parseLong(length));
        PassingSink passing = new PassingSink(out, response.body());
        response.body().start(passing);
        passing.await();
        return true;
    }
}

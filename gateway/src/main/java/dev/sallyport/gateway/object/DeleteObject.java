package dev.sallyport.gateway.object;

import dev.sallyport.gateway.backend.BackendResponse;
import dev.sallyport.gateway.bucket.BucketStore;
import dev.sallyport.gateway.format.ETags;
import dev.sallyport.gateway.operation.S3Call;
import dev.sallyport.gateway.operation.S3Operation;
import dev.sallyport.gateway.operation.StoreErrors;
import dev.sallyport.gateway.s3.ObjectRequest;
import dev.sallyport.gateway.s3.S3Errors;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.function.BooleanSupplier;

/** DeleteObject: 204 whether or not there was one. */
public final class DeleteObject implements S3Operation<ObjectRequest.DeleteObject> {
    private final BucketStore store;
    private final BooleanSupplier conditional;

    /** @param conditional whether the store heeds If-Match on DELETE; one that ignores it would delete what it must not */
    public DeleteObject(BucketStore store, BooleanSupplier conditional) {
        this.store = store;
        this.conditional = conditional;
    }

    @Override
    public void handle(S3Call call, ObjectRequest.DeleteObject request) {
        HttpHeaders headers = new DefaultHttpHeaders();
        String ifMatch = request.ifMatch();
        if (ifMatch != null) {
            if (!conditional.getAsBoolean()) {
                throw S3Errors.headerNotImplemented("If-Match");
            }
            headers.set("if-match", ETags.conditionToStore(ifMatch));
        }
        BackendResponse response =
                store.execute(call, "DELETE", request.bucket(), request.key(), List.of(), headers, new byte[0]);
        if (response.status() / 100 != 2) {
            throw StoreErrors.of(response, request.bucket(), request.key());
        }
        response.close();
        call.respond(204, new DefaultHttpHeaders());
    }
}

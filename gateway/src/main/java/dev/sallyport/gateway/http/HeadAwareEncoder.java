package dev.sallyport.gateway.http;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** An encoder that knows whether the answer is to a HEAD request, and so has no body whatever its headers say. */
final class HeadAwareEncoder extends HttpResponseEncoder {
    private boolean head;

    /** Before each answer, on the event loop. */
    void answersHead(boolean value) {
        head = value;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
        return super.isContentAlwaysEmpty(response)
                || (head && response.status().code() >= 200);
    }
}

package dev.sallyport.gateway.http;

import io.netty.handler.codec.http.HttpUtil;

/**
 * Whether a connection can serve another request after an answer.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-9.3">RFC 9112, section 9.3: persistence</a>
 */
final class ConnectionReuse {
    private ConnectionReuse() {}

    /** @param drainBytes so many bytes of an unread body are read and dropped; a longer one costs the connection */
    static boolean possible(HttpExchange exchange, long drainBytes) {
        RequestBody body = exchange.requestBody();
        if (!HttpUtil.isKeepAlive(exchange.request()) || body.failed()) {
            return false;
        }
        if (body.awaitsContinue()) {
            // the client may send its body all the same; and botocore mistakes what follows such an answer
            return false;
        }
        if (body.ended()) {
            return true;
        }
        long length = exchange.contentLength();
        return length >= 0 && length - body.received() <= drainBytes;
    }
}

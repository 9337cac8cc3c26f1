package dev.sallyport.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Netty's decoder without its tolerance for what makes two HTTP parsers disagree: folded header lines, a Content-Length
 * beside a Transfer-Encoding, bare line feeds. (Two Content-Lengths it refuses by itself.)
 */
final class StrictRequestDecoder extends HttpRequestDecoder {
    /** Larger than what one read delivers, so that a body's bytes pass as they came. */
    private static final int MAX_CHUNK = 2 * 1024 * 1024;

    private boolean inHead = true;
    private boolean folded;

    StrictRequestDecoder(HttpLimits limits) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.requestLine())
                .setMaxHeaderSize(limits.headerBytes())
                .setMaxChunkSize(MAX_CHUNK)
                .setAllowDuplicateContentLengths(false)
                .setStrictLineParsing(true)
                .setAllowPartialChunks(true));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) throws Exception {
        if (inHead && !folded) {
            folded = hasFoldedLine(buffer);
        }
        int before = out.size();
        super.decode(ctx, buffer, out);
        for (int i = before; i < out.size(); i++) {
            Object message = out.get(i);
            if (message instanceof HttpRequest request) {
                inHead = false;
                if (folded) {
                    request.setDecoderResult(io.netty.handler.codec.DecoderResult.failure(
                            new IllegalArgumentException("folded header line")));
                    folded = false;
                }
            }
            if (message instanceof LastHttpContent) {
                inHead = true;
            }
        }
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("Content-Length beside Transfer-Encoding");
    }

    /** The decoder consumes whole lines, so a fold is a blank at the start, or right after a line feed within the head. */
    private static boolean hasFoldedLine(ByteBuf buffer) {
        int i = buffer.readerIndex();
        int end = buffer.writerIndex();
        if (i < end && blank(buffer.getByte(i))) {
            return true;
        }
        while (true) {
            int feed = buffer.indexOf(i, end, (byte) '\n');
            if (feed < 0 || feed + 1 >= end) {
                return false;
            }
            byte next = buffer.getByte(feed + 1);
            if (blank(next)) {
                return true;
            }
            if (next == '\r' || next == '\n') {
                return false;
            }
            i = feed + 1;
        }
    }

    private static boolean blank(byte b) {
        return b == ' ' || b == '\t';
    }
}

package dev.sallyport.gateway.auth;

import dev.sallyport.gateway.flow.ByteSink;
import dev.sallyport.gateway.flow.ByteSource;
import dev.sallyport.gateway.http.Exchange;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A request's head without a connection. */
record FakeExchange(String method, String rawTarget, HttpHeaders headers, long contentLength) implements Exchange {
    @Override
    public String requestId() {
        return "0000000000000000";
    }

    @Override
    public InetSocketAddress remote() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public boolean secure() {
        return false;
    }

    @Override
    public @Nullable String tlsVersion() {
        return null;
    }

    @Override
    public @Nullable String tlsCipher() {
        return null;
    }

    @Override
    public EventLoop eventLoop() {
        throw new AssertionError("only the head is asked for");
    }

    @Override
    public ByteSource body() {
        throw new AssertionError("only the head is asked for");
    }

    @Override
    public byte[] readBody(int limit) {
        throw new AssertionError("only the head is asked for");
    }

    @Override
    public void respond(int status, HttpHeaders headers, byte[] body) {
        throw new AssertionError("only the head is asked for");
    }

    @Override
    public void hold(int status, HttpHeaders answer, byte[] opening, Runnable before) {
        throw new AssertionError("nothing is answered here");
    }

    @Override
    public ByteSink respondStreaming(int status, HttpHeaders headers, long contentLength) {
        throw new AssertionError("only the head is asked for");
    }
}

package dev.sallyport.gateway.backend;

import dev.sallyport.gateway.flow.Buffers;
import dev.sallyport.gateway.http.SocketBuffers;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** The connections of one event loop to the store; used on that loop only. The last one given back is taken first. */
final class ConnectionPool {
    /** Below what stores keep an idle connection for, so that one is seldom found closed. */
    private static final long MAX_IDLE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private static final int SOCKET_BUFFER = 4 << 20;
    private static final int MAX_WAITERS = 4_096;
    private static final int MAX_CONTENT_CHUNK = 1 << 20;
    private static final int MAX_HEADERS = 64 << 10;

    private final EventLoop loop;
    private final StoreEndpoint endpoint;
    private final Deque<StoreConnection> idle = new ArrayDeque<>();
    private final Deque<Waiter> waiters = new ArrayDeque<>();
    private int open;

    ConnectionPool(EventLoop loop, StoreEndpoint endpoint) {
        this.loop = loop;
        this.endpoint = endpoint;
    }

    /** Who wants a connection; exactly one of the two is called. */
    interface Taker {
        void take(StoreConnection connection);

        void refused(String reason);
    }

    private static final class Waiter {
        private final Taker taker;
        private @Nullable ScheduledFuture<?> timeout;

        Waiter(Taker taker) {
            this.taker = taker;
        }
    }

    /** @param fresh whether a pooled connection will not do, since one has just been found closed */
    void acquire(boolean fresh, Taker taker) {
        if (!fresh) {
            StoreConnection connection = takeIdle();
            if (connection != null) {
                taker.take(connection);
                return;
            }
        }
        if (open < endpoint.maxConnections()) {
            connect(taker);
        } else if (waiters.size() >= MAX_WAITERS) {
            taker.refused("too many requests wait for the store");
        } else {
            Waiter waiter = new Waiter(taker);
            waiters.add(waiter);
            waiter.timeout = loop.schedule(
                    () -> {
                        if (waiters.remove(waiter)) {
                            taker.refused("all connections to the store are in use");
                        }
                    },
                    endpoint.connectTimeout().toNanos(),
                    TimeUnit.NANOSECONDS);
        }
    }

    private @Nullable StoreConnection takeIdle() {
        long now = System.nanoTime();
        while (!idle.isEmpty() && now - idle.getLast().idleSince() > MAX_IDLE_NANOS) {
            idle.removeLast().close();
        }
        while (!idle.isEmpty()) {
            StoreConnection connection = idle.removeFirst();
            if (connection.channel().isActive()) {
                return connection;
            }
        }
        return null;
    }

    void giveBack(StoreConnection connection) {
        Waiter waiter = nextWaiter();
        if (waiter != null) {
            waiter.taker.take(connection);
        } else {
            idle.addFirst(connection);
        }
    }

    void closed(StoreConnection connection) {
        idle.remove(connection);
        open--;
        serveNext();
    }

    /** Closes what is idle; what is in use ends with its exchange. */
    void close() {
        while (!idle.isEmpty()) {
            idle.removeFirst().close();
        }
    }

    private void serveNext() {
        if (open < endpoint.maxConnections()) {
            Waiter waiter = nextWaiter();
            if (waiter != null) {
                connect(waiter.taker);
            }
        }
    }

    private @Nullable Waiter nextWaiter() {
        Waiter waiter = waiters.poll();
        if (waiter != null && waiter.timeout != null) {
            waiter.timeout.cancel(false);
        }
        return waiter;
    }

    private void connect(Taker taker) {
        open++;
        ChannelFuture connecting = bootstrap().connect(endpoint.url().getHost(), endpoint.port());
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                open--;
                taker.refused("the store cannot be reached");
                serveNext();
                return;
            }
            Channel channel = connecting.channel();
            SslHandler tls = channel.pipeline().get(SslHandler.class);
            if (tls == null) {
                handOver(channel, taker);
            } else {
                Future<Channel> handshake = tls.handshakeFuture();
                var _ = handshake.addListener(shaken -> {
                    if (shaken.isSuccess()) {
                        handOver(channel, taker);
                    } else {
                        var _ = channel.close();
                        taker.refused(tlsProblem(shaken.cause()));
                    }
                });
                channel.read();
            }
        });
    }

    /** What an operator can do something about, without a library's own text. */
    private String tlsProblem(@Nullable Throwable failure) {
        int depth = 0;
        for (Throwable cause = failure; cause != null && depth < 10; cause = cause.getCause(), depth++) {
            if (cause instanceof CertificateExpiredException || cause instanceof CertificateNotYetValidException) {
                return "the store's certificate is not valid at this time";
            }
            String text = String.valueOf(cause.getMessage());
            if (text.contains("No subject alternative") || text.contains("No name matching")) {
                return "the store's certificate is for another host than "
                        + endpoint.url().getHost();
            }
            if (cause instanceof CertPathBuilderException) {
                return "the store's certificate comes from no authority that store.ca, or else the JDK, trusts";
            }
        }
        return "no TLS connection to the store";
    }

    private static void handOver(Channel channel, Taker taker) {
        StoreConnection connection = channel.pipeline().get(StoreConnection.class);
        if (channel.isActive() && connection != null) {
            taker.take(connection);
        } else {
            taker.refused("the store closed a new connection");
        }
    }

    // A store that refuses early and closes makes writes fail while its answer is still to be read, so a failed write
    // must
    // not close the connection, as it would by default.
    @SuppressWarnings("deprecation")
    private Bootstrap bootstrap() {
        boolean epoll = Epoll.isAvailable() && loop instanceof IoEventLoop io && io.isCompatible(EpollIoHandle.class);
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.AUTO_CLOSE, false)
                .option(ChannelOption.ALLOCATOR, Buffers.ALLOCATOR)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        endpoint.connectTimeout().toMillis())
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1 << 20, 2 << 20))
                .option(ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(2_048, 65_536, 1 << 20))
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (endpoint.tls() != null) {
                            channel.pipeline().addLast(tlsHandler(channel));
                        }
                        HttpDecoderConfig limits = new HttpDecoderConfig()
                                .setMaxInitialLineLength(8_192)
                                .setMaxHeaderSize(MAX_HEADERS)
                                .setMaxChunkSize(MAX_CONTENT_CHUNK);
                        channel.pipeline().addLast(new HttpClientCodec(limits, false, false));
                        long stall = endpoint.stallTimeout().toNanos();
                        channel.pipeline().addLast(new StoreConnection(channel, ConnectionPool.this, stall));
                    }
                });
        SocketBuffers.enlarge(bootstrap, SOCKET_BUFFER);
        return bootstrap;
    }

    private SslHandler tlsHandler(SocketChannel channel) {
        io.netty.handler.ssl.SslContext tls = endpoint.tls();
        if (tls == null) {
            throw new IllegalStateException("no TLS");
        }
        SslHandler handler = tls.newHandler(channel.alloc(), endpoint.url().getHost(), endpoint.port());
        SSLParameters parameters = handler.engine().getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        handler.engine().setSSLParameters(parameters);
        handler.setHandshakeTimeoutMillis(endpoint.connectTimeout().toMillis());
        return handler;
    }
}

package dev.sallyport.gateway.http;

import dev.sallyport.gateway.flow.Buffers;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 server: one pipeline on Netty's event loops, one virtual thread a request.
 *
 * <p>Stopping is gentle: {@link #drain} stops accepting, closes idle connections, lets requests under way finish, and cuts
 * what is left when its time is up.
 */
public final class HttpServer implements AutoCloseable {
    private static final int SOCKET_BUFFER = 4 * 1024 * 1024;
    private static final int RECEIVE_BUFFER = 1024 * 1024;
    private static final int LOW_WATER = 512 * 1024;
    private static final int HIGH_WATER = 1024 * 1024;
    private static final Duration TLS_CHECK = Duration.ofSeconds(2);

    private final ServerContext server;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ExecutorService handlers;
    private final Channel acceptor;
    private final ConnectionLimit limit;

    private HttpServer(
            ServerContext server,
            ExecutorService handlers,
            ConnectionLimit limit,
            EventLoopGroup loops,
            Builder builder)
            throws IOException {
        this.server = server;
        this.handlers = handlers;
        this.limit = limit;
        Transport transport = Transport.here();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOCATOR, Buffers.ALLOCATOR)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(LOW_WATER, HIGH_WATER))
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(2048, 16 * 1024, RECEIVE_BUFFER))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (limit.admit(channel)) {
                            connections.add(channel);
                            build(channel, builder.tls);
                        }
                    }
                });
        SocketBuffers.enlarge(bootstrap, SOCKET_BUFFER);
        ChannelFuture bound = bootstrap.bind(builder.address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            handlers.shutdown();
            throw new IOException("cannot listen on " + builder.address.getHostString() + ":"
                    + builder.address.getPort() + ": " + reason(bound.cause()));
        }
        acceptor = bound.channel();
        TlsFiles tls = builder.tls;
        if (tls != null) {
            handlers.execute(() -> watch(tls));
        }
    }

    /** The pipeline, in the order in which bytes pass. */
    private void build(SocketChannel channel, @Nullable TlsFiles tls) {
        HeadAwareEncoder encoder = new HeadAwareEncoder();
        ConnectionHandler connection = new ConnectionHandler(server, encoder);
        ChannelPipeline pipeline = channel.pipeline();
        if (tls != null) {
            pipeline.addLast("tls", tls.context().newHandler(channel.alloc()));
        }
        pipeline.addLast("arrivals", new Arrivals(connection));
        pipeline.addLast("decoder", new StrictRequestDecoder(server.limits));
        pipeline.addLast("encoder", encoder);
        pipeline.addLast("connection", connection);
    }

    private static String reason(@Nullable Throwable cause) {
        String message = cause == null ? null : cause.getMessage();
        return message != null && message.contains("Address already in use") ? "the port is taken" : message + "";
    }

    private void watch(TlsFiles tls) {
        while (acceptor.isOpen()) {
            try {
                Thread.sleep(TLS_CHECK);
            } catch (InterruptedException e) {
                return;
            }
            tls.reloadIfChanged();
        }
    }

    /** Where it listens, with the port that the system chose. */
    public InetSocketAddress address() {
        return (InetSocketAddress) acceptor.localAddress();
    }

    /** Open connections. */
    public int connections() {
        return limit.open();
    }

    /** Stops accepting and waits until every request under way is answered, at most so long; whether all were. */
    public boolean drain(Duration atMost) {
        server.draining = true;
        acceptor.close().awaitUninterruptibly();
        long end = System.nanoTime() + atMost.toNanos();
        do {
            for (Channel channel : connections) {
                ConnectionHandler connection = channel.pipeline().get(ConnectionHandler.class);
                if (connection != null) {
                    channel.eventLoop().execute(connection::closeIfIdle);
                }
            }
            if (connections.isEmpty()) {
                return true;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        } while (System.nanoTime() - end < 0);
        return connections.isEmpty();
    }

    /** Stops at once: what is under way is cut. */
    @Override
    public void close() {
        server.draining = true;
        acceptor.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
        handlers.shutdownNow();
    }

    /** Begins to describe a server. */
    public static Builder builder(InetSocketAddress address, RequestHandler handler) {
        return new Builder(address, handler);
    }

    /** What a server needs; everything but address and handler has a default. */
    public static final class Builder {
        private final InetSocketAddress address;
        private final RequestHandler handler;
        private HttpLimits limits = HttpLimits.DEFAULT;
        private @Nullable TlsFiles tls;
        private ServerListener listener = summary -> {};
        private TrustedProxies proxies = TrustedProxies.NONE;

        private Builder(InetSocketAddress address, RequestHandler handler) {
            this.address = address;
            this.handler = handler;
        }

        public Builder limits(HttpLimits value) {
            limits = value;
            return this;
        }

        public Builder tls(@Nullable TlsFiles value) {
            tls = value;
            return this;
        }

        public Builder listener(ServerListener value) {
            listener = value;
            return this;
        }

        public Builder proxies(TrustedProxies value) {
            proxies = value;
            return this;
        }

        /**
         * Binds and accepts.
         *
         * @param loops stay the caller's to shut down, after this server
         * @throws IOException when the address cannot be bound
         */
        public HttpServer start(EventLoopGroup loops) throws IOException {
            ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
            ServerContext context = new ServerContext(limits, handler, handlers, listener, proxies);
            return new HttpServer(context, handlers, new ConnectionLimit(limits.connections(), listener), loops, this);
        }
    }
}

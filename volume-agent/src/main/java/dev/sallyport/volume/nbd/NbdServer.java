package dev.sallyport.volume.nbd;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Serves one export over NBD, on a unix socket or TCP, to any number of connections up to a bound. */
public final class NbdServer implements AutoCloseable {
    /** Connections at a time; clients open a handful each. */
    private static final int MAX_CONNECTIONS = 64;

    /** Threads that may wait for the disk: about what a disk serves at a time. */
    private static final int WORKERS = 16;

    /** In which requests under way are answered when the server closes. */
    private static final int GRACE_SECONDS = 10;

    private final EventLoopGroup group;
    private final ExecutorService workers;
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Connections connections = new Connections();
    private final Serving serving;
    private final Channel listener;

    /** @param inherited the number of a socket that listens on {@code address} already; negative to make one */
    private NbdServer(Export export, SocketAddress address, int inherited, @Nullable SslContext tls)
            throws IOException {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        group = new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(), io);
        workers = Executors.newFixedThreadPool(
                WORKERS, Thread.ofPlatform().name("volume-io-", 0).daemon().factory());
        serving = new Serving(export, connections, Budget.ofHeap(), workers);
        boolean unix = address instanceof UnixDomainSocketAddress;
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(512 << 10, 1 << 20))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (channels.size() >= MAX_CONNECTIONS) {
                            channel.close();
                            return;
                        }
                        channels.add(channel);
                        channel.pipeline().addLast(new Handshake(export, tls, NbdServer.this::enter));
                    }
                });
        if (inherited < 0) {
            bootstrap.channel(channelType(epoll, unix));
        } else if (epoll) {
            bootstrap.channelFactory(() -> unix
                    ? new EpollServerDomainSocketChannel(inherited, true)
                    : new EpollServerSocketChannel(inherited));
        } else {
            stop();
            throw new IOException("sockets are taken over on Linux only, with epoll");
        }
        if (!unix) {
            bootstrap.childOption(ChannelOption.TCP_NODELAY, true);
            // a peer whose host has gone is noticed some day, and its place is free
            bootstrap.childOption(ChannelOption.SO_KEEPALIVE, true);
        }
        SocketAddress named = unix && epoll
                ? new DomainSocketAddress(
                        ((UnixDomainSocketAddress) address).getPath().toString())
                : address;
        // what listens already accepts as soon as it is registered
        ChannelFuture bound = (inherited < 0 ? bootstrap.bind(named) : bootstrap.register()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            stop();
            throw new IOException("cannot listen on " + address + ": "
                    + (bound.cause() == null ? "" : bound.cause().getMessage()));
        }
        listener = bound.channel();
    }

    /** Serves on a unix socket, which must not exist yet. */
    public static NbdServer onUnixSocket(Export export, Path socket) throws IOException {
        return new NbdServer(export, UnixDomainSocketAddress.of(socket), -1, null);
    }

    /** Serves on TCP; with {@code tls} every client must start it before it is told anything. */
    public static NbdServer onTcp(Export export, InetSocketAddress address, @Nullable SslContext tls)
            throws IOException {
        return new NbdServer(export, address, -1, tls);
    }

    /**
     * Serves on a socket that listens already, as a service manager passes it.
     *
     * @param fd its number in this process; closed with this
     * @param address where it listens: a {@link UnixDomainSocketAddress} or an {@link InetSocketAddress}
     */
    public static NbdServer onInherited(Export export, int fd, SocketAddress address, @Nullable SslContext tls)
            throws IOException {
        return new NbdServer(export, address, fd, tls);
    }

    /** The TCP port; for port 0, the one that was free. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Connections in their transmission phase. */
    public int connections() {
        return connections.count();
    }

    private void enter(ChannelHandlerContext context, Session session) {
        context.channel().config().setAutoRead(false);
        connections.join(() -> context.executor().execute(() -> {
            if (context.isRemoved() || !context.channel().isActive()) {
                return;
            }
            context.pipeline().addLast(new Transmission(serving, session, connections.member()));
            context.pipeline().remove(context.handler());
            context.channel().config().setAutoRead(true);
        }));
    }

    private void stop() {
        workers.shutdown();
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private static Class<? extends ServerChannel> channelType(boolean epoll, boolean unix) {
        if (epoll) {
            return unix ? EpollServerDomainSocketChannel.class : EpollServerSocketChannel.class;
        }
        return unix ? NioServerDomainSocketChannel.class : NioServerSocketChannel.class;
    }

    /**
     * Stops listening, answers what is under way (what comes later gets ESHUTDOWN), ends the connections, and waits until
     * nothing touches the device any more.
     */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        channels.forEach(channel -> channel.eventLoop()
                .execute(() -> channel.pipeline().fireUserEventTriggered(Transmission.Event.SHUTDOWN)));
        channels.newCloseFuture().awaitUninterruptibly(GRACE_SECONDS, TimeUnit.SECONDS);
        channels.close().awaitUninterruptibly();
        workers.shutdown();
        try {
            if (!workers.awaitTermination(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("requests are still waiting for the disk");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}

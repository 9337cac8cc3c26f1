package dev.sallyport.gateway.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Large socket buffers halve the system calls a byte costs. A kernel that would cut the wish to its own maximum is left to
 * tune by itself, which then gives more.
 */
public final class SocketBuffers {
    private SocketBuffers() {}

    static void enlarge(ServerBootstrap bootstrap, int bytes) {
        if (allowed("rmem_max") >= bytes) {
            bootstrap.option(ChannelOption.SO_RCVBUF, bytes).childOption(ChannelOption.SO_RCVBUF, bytes);
        }
        if (allowed("wmem_max") >= bytes) {
            bootstrap.childOption(ChannelOption.SO_SNDBUF, bytes);
        }
    }

    /** The same for connections to the store. */
    public static void enlarge(Bootstrap bootstrap, int bytes) {
        if (allowed("rmem_max") >= bytes) {
            bootstrap.option(ChannelOption.SO_RCVBUF, bytes);
        }
        if (allowed("wmem_max") >= bytes) {
            bootstrap.option(ChannelOption.SO_SNDBUF, bytes);
        }
    }

    private static long allowed(String name) {
        try {
            return Long.parseLong(
                    Files.readString(Path.of("/proc/sys/net/core", name)).strip());
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}

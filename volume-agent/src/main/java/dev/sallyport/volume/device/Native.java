package dev.sallyport.volume.device;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** The few calls of Linux that the JDK has no methods for. Each returns the call's result, or minus its errno. */
final class Native {
    static final boolean AVAILABLE = System.getProperty("os.name", "").equals("Linux");

    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CLOEXEC = 0x80000;
    static final int FALLOC_FL_KEEP_SIZE = 0x01;
    static final int FALLOC_FL_PUNCH_HOLE = 0x02;
    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;
    static final int ENXIO = 6;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int EINVAL = 22;
    static final int EOPNOTSUPP = 95;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle OPEN = handle(
            "open",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE =
            handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle FALLOCATE = handle(
            "fallocate",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG));
    private static final MethodHandle LSEEK = handle(
            "lseek",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

    private static final int F_OFD_SETLK = 37;
    private static final short F_RDLCK = 0;
    private static final short F_WRLCK = 1;
    private static final MethodHandle FCNTL = handle(
            "fcntl",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2));

    /** A call that does not wait reads at most so many bytes. */
    static final int NOWAIT_LIMIT = 512 * 1024;

    private static final int RWF_NOWAIT = 0x08;

    /** Types of file systems that hold their files in memory, where RWF_NOWAIT is refused and not needed. */
    private static final long TMPFS_MAGIC = 0x01021994L;

    private static final long RAMFS_MAGIC = 0x858458f6L;
    private static final MethodHandle FSTATFS =
            handle("fstatfs", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    private static final @Nullable MethodHandle PREADV2 = LINKER.defaultLookup()
            .find("preadv2")
            .map(function -> plain(
                    function,
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT)))
            .orElse(null);

    /** A thread's iovec and the memory that it names. */
    private static final ThreadLocal<MemorySegment> VECTOR = ThreadLocal.withInitial(() -> {
        MemorySegment vector = Arena.ofAuto().allocate(16 + NOWAIT_LIMIT, 16);
        vector.set(ValueLayout.JAVA_LONG, 0, vector.address() + 16);
        return vector;
    });

    private Native() {}

    /**
     * Whether a file's content is in memory, so that reading it never waits for a disk; at the worst, for swap.
     *
     * @see <a href="https://man7.org/linux/man-pages/man2/statfs.2.html">statfs(2)</a>
     */
    static boolean inMemory(int fd) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            // struct statfs: 120 bytes on 64-bit systems, of which the first 8 are the type
            MemorySegment status = arena.allocate(256, 8);
            MemorySegment state = arena.allocate(STATE);
            if ((int) FSTATFS.invokeExact(state, fd, status) < 0) {
                return false;
            }
            long type = status.get(ValueLayout.JAVA_LONG, 0);
            return type == TMPFS_MAGIC || type == RAMFS_MAGIC;
        } catch (Throwable e) {
            throw broken("fstatfs", e);
        }
    }

    /**
     * Reads from the page cache, if all of it is there.
     *
     * @param inMemory what {@link #inMemory} said of the file
     * @return whether {@code length} bytes were read; false also where the kernel or the file system cannot say
     */
    static boolean readCached(int fd, boolean inMemory, byte[] into, int offset, int length, long position)
            throws IOException {
        if (PREADV2 == null || length > NOWAIT_LIMIT) {
            return false;
        }
        MemorySegment vector = VECTOR.get();
        vector.set(ValueLayout.JAVA_LONG, 8, length);
        try {
            if ((long) PREADV2.invokeExact(fd, vector, 1, position, inMemory ? 0 : RWF_NOWAIT) != length) {
                return false;
            }
        } catch (Throwable e) {
            throw broken("preadv2", e);
        }
        MemorySegment.copy(vector, ValueLayout.JAVA_BYTE, 16, into, offset, length);
        return true;
    }

    static int open(String path, int flags) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int fd = (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags);
            return fd >= 0 ? fd : -errno(state);
        } catch (Throwable e) {
            throw broken("open", e);
        }
    }

    static int close(int fd) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = (int) CLOSE.invokeExact(state, fd);
            return result >= 0 ? result : -errno(state);
        } catch (Throwable e) {
            throw broken("close", e);
        }
    }

    static int fallocate(int fd, int mode, long offset, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = (int) FALLOCATE.invokeExact(state, fd, mode, offset, length);
            return result >= 0 ? result : -errno(state);
        } catch (Throwable e) {
            throw broken("fallocate", e);
        }
    }

    static long lseek(int fd, long offset, int whence) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long result = (long) LSEEK.invokeExact(state, fd, offset, whence);
            return result >= 0 ? result : -errno(state);
        } catch (Throwable e) {
            throw broken("lseek", e);
        }
    }

    /** Locks the whole file for this open file description; fails with EAGAIN when another excludes it. */
    static int lock(int fd, boolean shared) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            // struct flock: type i16 ‖ whence i16 ‖ padding ‖ start i64 ‖ length i64 (0: to the end) ‖ pid i32
            MemorySegment range = arena.allocate(32, 8);
            range.set(ValueLayout.JAVA_SHORT, 0, shared ? F_RDLCK : F_WRLCK);
            MemorySegment state = arena.allocate(STATE);
            int result = (int) FCNTL.invokeExact(state, fd, F_OFD_SETLK, range);
            return result >= 0 ? result : -errno(state);
        } catch (Throwable e) {
            throw broken("fcntl", e);
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    private static IOException broken(String call, Throwable cause) {
        return new IOException(call + "(2) cannot be called", cause);
    }

    @SuppressWarnings("restricted") // the signatures above are those of the manual pages
    private static MethodHandle plain(MemorySegment function, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(function, descriptor);
    }

    @SuppressWarnings("restricted") // as above
    private static MethodHandle handle(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker.Option[] all = new Linker.Option[options.length + 1];
        all[0] = Linker.Option.captureCallState("errno");
        System.arraycopy(options, 0, all, 1, options.length);
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, all);
    }
}

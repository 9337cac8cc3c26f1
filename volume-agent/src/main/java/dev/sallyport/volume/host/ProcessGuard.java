package dev.sallyport.volume.host;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Keeps plaintext keys of this process off the disk: no core file (the launcher sets RLIMIT_CORE; here the process is made
 * undumpable, which also keeps other processes of the user from reading its memory), no swap. A heap dump that the same user
 * asks the virtual machine for is outside this.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/mlock.2.html">mlockall(2)</a>
 */
public final class ProcessGuard {
    private static final int PR_SET_DUMPABLE = 4;
    private static final int RLIMIT_MEMLOCK = 8;
    private static final int MCL_CURRENT = 1;
    private static final int MCL_FUTURE = 2;
    private static final int MCL_ONFAULT = 4;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_TYPE = 1;
    private static final int STATX_SIZE = 256;
    private static final int MODE_OFFSET = 28;
    private static final int S_IFMT = 0xf000;
    private static final int S_IFIFO = 0x1000;

    private ProcessGuard() {}

    /** Makes the process undumpable; whether it worked. */
    public static boolean forbidDumps() {
        return CLibrary.isLinux()
                && CLibrary.call(
                                "prctl",
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_LONG),
                                handle -> (int) handle.invokeExact(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L))
                        == 0;
    }

    /**
     * Locks the process's memory, present and future, as it comes into use.
     *
     * @return empty when it is locked; else why not, for people
     */
    public static Optional<String> lockMemory() {
        if (!CLibrary.isLinux()) {
            return Optional.of("this system cannot lock all memory");
        }
        if (!unlimited()) {
            // with MCL_FUTURE under a limit, some later allocation of the virtual machine would fail and end it
            return Optional.of("RLIMIT_MEMLOCK is not unlimited; swap should be encrypted or off");
        }
        int result =
                CLibrary.call("mlockall", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), handle ->
                        (int) handle.invokeExact(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT));
        return result == 0 ? Optional.empty() : Optional.of("mlockall(2) was refused; swap should be encrypted or off");
    }

    /** Whether a file descriptor is a pipe; false where the system cannot say. */
    public static boolean isPipe(int fd) {
        if (!CLibrary.isLinux()) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(STATX_SIZE, 8);
            MemorySegment path = arena.allocateFrom("");
            int result = CLibrary.call(
                    "statx",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS),
                    handle -> (int) handle.invokeExact(fd, path, AT_EMPTY_PATH, STATX_TYPE, status));
            return result == 0 && (status.get(ValueLayout.JAVA_SHORT, MODE_OFFSET) & S_IFMT) == S_IFIFO;
        }
    }

    private static boolean unlimited() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(16, 8);
            int result = CLibrary.call(
                    "getrlimit",
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
                    handle -> (int) handle.invokeExact(RLIMIT_MEMLOCK, limits));
            return result == 0 && limits.get(ValueLayout.JAVA_LONG, 0) == -1;
        }
    }
}

package dev.sallyport.volume.host;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Functions of the C library that the JDK has no methods for. */
final class CLibrary {
    private CLibrary() {}

    /** A call with its arguments; {@code invokeExact} of the handle. */
    interface Invocation {
        int run(MethodHandle handle) throws Throwable;
    }

    static boolean isLinux() {
        return System.getProperty("os.name", "").equals("Linux");
    }

    /** Calls a function by the signature of its manual page; -1 when there is none of that name. */
    @SuppressWarnings("restricted") // the signatures are those of the manual pages
    static int call(String name, FunctionDescriptor descriptor, Invocation invocation) {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> function = linker.defaultLookup().find(name);
        if (function.isEmpty()) {
            return -1;
        }
        try {
            return invocation.run(linker.downcallHandle(function.get(), descriptor));
        } catch (Throwable e) {
            throw new IllegalStateException(name + " cannot be called", e);
        }
    }
}

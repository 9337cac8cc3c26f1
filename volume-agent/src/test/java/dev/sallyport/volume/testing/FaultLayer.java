package dev.sallyport.volume.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Records what a process does to one directory, and rebuilds the directory as a power cut would leave it. */
public final class FaultLayer {
    private static final Path SOURCES = Path.of("..", "kms-core", "src", "test", "fault");

    private final Path work;
    private final Path root;
    private final Path library;
    private final Path base;
    private final Path log;

    /**
     * Builds it, and keeps a copy of the directory as it is now.
     *
     * @param work for its own files
     * @param root the directory that is recorded
     */
    public FaultLayer(Path work, Path root) throws IOException, InterruptedException {
        Programs.require("cc", "python3");
        this.work = work;
        this.root = root.toRealPath();
        library = work.resolve("libfaultlayer.so");
        log = work.resolve("writes");
        base = work.resolve("base");
        Programs.succeed("cc", "-shared", "-fPIC", "-O2", "-o", library, SOURCES.resolve("faultlayer.c"), "-ldl");
        Files.createDirectory(base);
        try (Stream<Path> files = Files.list(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, base.resolve(file.getFileName()));
            }
        }
    }

    /** What the process to be recorded needs in its environment. */
    public Map<String, String> environment() {
        return Map.of("LD_PRELOAD", library.toString(), "FAULT_ROOT", root.toString(), "FAULT_LOG", log.toString());
    }

    /** What is left of the directory: without what was not synced, or with a random part of it for each seed. */
    public List<Path> powerCuts(int seeds) throws IOException, InterruptedException {
        List<Path> left = new ArrayList<>();
        for (int seed = -1; seed < seeds; seed++) {
            Path out = work.resolve("cut" + seed);
            Programs.succeed(
                    "python3",
                    SOURCES.resolve("replay.py"),
                    log,
                    root,
                    base,
                    out,
                    "--unsynced",
                    seed < 0 ? "none" : "random",
                    "--seed",
                    Math.max(0, seed));
            left.add(out);
        }
        return left;
    }

    /** Deletes its own files, which are large. */
    public void delete() throws IOException {
        try (Stream<Path> files = Files.walk(work)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

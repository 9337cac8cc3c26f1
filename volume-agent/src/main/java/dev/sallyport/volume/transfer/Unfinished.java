package dev.sallyport.volume.transfer;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that gets its name when it is whole: until then it lies beside it as {@code NAME.partial}, with its journal. */
public final class Unfinished {
    private final Path finished;
    private final Path partial;
    private final Journal journal;

    /** @throws FileAlreadyExistsException when there is a file of that name: it is never overwritten */
    public Unfinished(Path finished) throws IOException {
        if (Files.exists(finished)) {
            throw new FileAlreadyExistsException(finished.toString());
        }
        this.finished = finished;
        this.partial = finished.resolveSibling(finished.getFileName() + ".partial");
        this.journal = new Journal(finished.resolveSibling(finished.getFileName() + ".partial.json"));
    }

    /** The file, as long as it is not whole. */
    public Path partial() {
        return partial;
    }

    public Journal journal() {
        return journal;
    }

    /** Forgets what an earlier run made. */
    public void discard() throws IOException {
        Files.deleteIfExists(partial);
        journal.delete();
    }

    /** Gives the file its name, durably. */
    public void publish() throws IOException {
        Files.createLink(finished, partial);
        Path directory = finished.toAbsolutePath().getParent();
        if (directory != null) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
        discard();
    }
}

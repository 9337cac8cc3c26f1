package dev.sallyport.volume.luks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/** Changes headers as somebody would who can write the image: with checksums that are right. */
public final class HeaderEdits {
    private HeaderEdits() {}

    /** Changes the metadata in both copies. */
    public static void json(Path image, Consumer<ObjectNode> change) throws IOException {
        try (FileChannel channel = open(image)) {
            HeaderStore store = new HeaderStore(channel);
            HeaderStore.Found found = store.read();
            ObjectNode json = found.json().deepCopy();
            change.accept(json);
            store.writeBoth(found.header(), json, false);
        }
    }

    /** Gives both copies another uuid and label. */
    public static void names(Path image, String uuid, String label) throws IOException {
        try (FileChannel channel = open(image)) {
            HeaderStore store = new HeaderStore(channel);
            HeaderStore.Found found = store.read();
            BinaryHeader header = new BinaryHeader(
                    found.header().headerSize, found.header().sequenceId, label, found.header().subsystem, uuid);
            store.writeBoth(header, found.json(), false);
        }
    }

    /** The metadata as it is. */
    public static ObjectNode read(Path image) throws IOException {
        try (FileChannel channel = open(image)) {
            return new HeaderStore(channel).read().json();
        }
    }

    public static HeaderStore.Report report(Path image) throws IOException {
        try (FileChannel channel = open(image)) {
            return new HeaderStore(channel).report();
        }
    }

    private static FileChannel open(Path image) throws IOException {
        return FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
}

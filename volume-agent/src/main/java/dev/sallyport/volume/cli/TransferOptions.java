package dev.sallyport.volume.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.volume.transfer.Progress;
import dev.sallyport.volume.transfer.Unfinished;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What {@code import} and {@code export} have in common. */
final class TransferOptions {
    @Option(
            names = "--restart",
            description = "Forget what an interrupted run has done, instead of going on from there.")
    private boolean restart;

    @Option(names = "--json", description = "The result for programs, on the standard output.")
    private boolean json;

    Unfinished unfinished(Path finished) throws IOException {
        Unfinished unfinished = new Unfinished(finished);
        if (restart) {
            unfinished.discard();
        }
        return unfinished;
    }

    static Progress progress(PrintWriter err) {
        return new ProgressLine(err, onTerminal(), System::nanoTime);
    }

    /** Whether standard input and output are a terminal. */
    static boolean onTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    /** Says what was done, on a line or as JSON. */
    void report(PrintWriter out, String line, Path path, String volume, long size) {
        if (json) {
            ObjectNode result = new ObjectMapper().createObjectNode();
            result.put("path", path.toString())
                    .put("volume", volume)
                    .put("size", size)
                    .put("verified", true);
            out.println(result);
        } else {
            out.println(line);
        }
    }
}

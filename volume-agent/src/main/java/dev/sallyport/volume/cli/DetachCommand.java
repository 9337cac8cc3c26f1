package dev.sallyport.volume.cli;

import dev.sallyport.volume.host.Attachments;
import dev.sallyport.volume.host.Attachments.Attachment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Ends an attachment. */
@Command(
        name = "detach",
        mixinStandardHelpOptions = true,
        description = "Ends an attachment and waits until its data is durable and its key wiped.")
final class DetachCommand implements Callable<Integer> {
    @Parameters(paramLabel = "IMAGE|UUID", description = "As in: sallyport-volume list.")
    private String which = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
        String path = Path.of(which).toAbsolutePath().toString();
        for (Attachment attachment : Attachments.ofUser().list()) {
            if (attachment.volume().equals(which) || attachment.image().equals(path)) {
                ProcessHandle process = attachment.process().orElseThrow();
                process.destroy();
                try {
                    process.onExit().get(60, TimeUnit.SECONDS);
                    return ExitCode.OK;
                } catch (ExecutionException | TimeoutException e) {
                    throw new CommandFailedException(
                            ExitCode.FAILED, "process " + attachment.pid() + " has not ended within a minute");
                }
            }
        }
        throw new CommandFailedException(ExitCode.FAILED, "no such volume is attached");
    }
}

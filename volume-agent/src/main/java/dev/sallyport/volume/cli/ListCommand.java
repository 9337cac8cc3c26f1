package dev.sallyport.volume.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.volume.host.Attachments;
import dev.sallyport.volume.host.Attachments.Attachment;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists what this user has attached. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the volumes that are attached.")
final class ListCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        List<Attachment> all = Attachments.ofUser().list();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper().writeValueAsString(all));
        } else {
            all.forEach(
                    one -> out.println(one.volume() + "  " + one.image() + "  " + one.uri() + "  pid " + one.pid()));
        }
        return ExitCode.OK;
    }
}

package dev.sallyport.volume.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.volume.testing.TestKms;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** Runs commands in this process. */
final class Commands {
    private final TestKms kms;

    Commands(TestKms kms) {
        this.kms = kms;
    }

    /**
     * How a command ended.
     *
     * @param exit its exit code
     */
    record Result(int exit, String out, String err) {}

    /** Runs a command with the KMS's endpoint. */
    Result run(Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(arguments));
        all.add("--kms-endpoint");
        all.add(kms.endpoint());
        return bare(all.toArray());
    }

    /** Runs a command that must succeed; what it printed. */
    String succeed(Object... arguments) {
        Result result = run(arguments);
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }

    /** Runs a command that must fail so, with one line; the line. */
    String fail(int exit, Object... arguments) {
        Result result = run(arguments);
        assertThat(result.exit()).as(result.out() + result.err()).isEqualTo(exit);
        assertThat(result.err()).startsWith("sallyport-volume: ");
        assertThat(result.err().lines()).hasSize(1);
        return result.err();
    }

    /** Runs a command with exactly these arguments. */
    static Result bare(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = VolumeCommand.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        String[] words = new String[arguments.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments[i].toString();
        }
        return new Result(line.execute(words), out.toString(), err.toString());
    }
}

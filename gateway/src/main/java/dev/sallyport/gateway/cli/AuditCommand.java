package dev.sallyport.gateway.cli;

import dev.sallyport.gateway.config.ConfigException;
import dev.sallyport.gateway.config.ConfigReader;
import dev.sallyport.kms.audit.AuditQuery;
import dev.sallyport.kms.audit.JournalCorruptException;
import dev.sallyport.kms.audit.JournalReader;
import dev.sallyport.kms.store.StoreFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sallyport audit}: reads the audit journal, also while the gateway runs. Events are printed as JSON lines. */
@Command(
        name = "audit",
        description = "Read and check the audit journal; works while the gateway runs.",
        subcommands = {AuditCommand.Tail.class, AuditCommand.Find.class, AuditCommand.Verify.class},
        mixinStandardHelpOptions = true)
public final class AuditCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(of(spec).commandLine(), "audit: one of tail, find, verify");
    }

    private static CommandSpec of(@Nullable CommandSpec spec) {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return spec;
    }

    /** Where the journal is. */
    static final class Journal {
        @ArgGroup(multiplicity = "1")
        private @Nullable Place place;

        static final class Place {
            @Option(
                    names = {"-c", "--config"},
                    required = true,
                    paramLabel = "FILE",
                    description = "The gateway's configuration: the journal is beside its key store.")
            private @Nullable Path config;

            @Option(
                    names = "--journal",
                    required = true,
                    paramLabel = "DIRECTORY",
                    description = "The journal's directory: audit in the key store's.")
            private @Nullable Path directory;
        }

        JournalReader open() throws IOException {
            Path directory = place == null ? null : place.directory;
            if (place != null && place.config != null) {
                directory = ofConfiguration(place.config);
            }
            if (directory == null) {
                throw new IOException("no journal directory given");
            }
            return new JournalReader(directory);
        }

        private static Path ofConfiguration(Path file) {
            try {
                return new StoreFiles(ConfigReader.read(file).keyStore().directory()).audit();
            } catch (ConfigException e) {
                ConfigException.Problem first = e.problems().getFirst();
                throw new CommandFailedException(
                        ExitCode.FAILED,
                        (first.line() > 0 ? file + ":" + first.line() + ": " : "") + first.text()
                                + " (see: sallyport check-config)");
            }
        }
    }

    /** Runs a read and turns what is wrong into one line. */
    private static int guarded(@Nullable CommandSpec spec, Read read) {
        PrintWriter out = of(spec).commandLine().getOut();
        PrintWriter err = of(spec).commandLine().getErr();
        try {
            return read.run(out);
        } catch (JournalCorruptException e) {
            out.flush();
            err.println("audit: " + e.getMessage());
            return ExitCode.INTEGRITY;
        } catch (IOException e) {
            out.flush();
            err.println("audit: cannot read the journal: " + e.getMessage());
            return ExitCode.FAILED;
        } finally {
            out.flush();
            err.flush();
        }
    }

    private interface Read {
        int run(PrintWriter out) throws IOException;
    }

    /** {@code audit tail}. */
    @Command(name = "tail", description = "Print the last events.", mixinStandardHelpOptions = true)
    static final class Tail implements Callable<Integer> {
        private static final long POLL_MILLIS = 500;

        @Spec
        private @Nullable CommandSpec spec;

        @Mixin
        private final Journal journal = new Journal();

        @Option(names = "-n", paramLabel = "COUNT", description = "How many events (default ${DEFAULT-VALUE}).")
        private int count = 10;

        @Option(names = "-f", description = "Go on with new events until interrupted.")
        private boolean follow;

        @Override
        public Integer call() {
            if (count < 0 || count > JournalReader.MAX_LAST) {
                throw new ParameterException(of(spec).commandLine(), "audit: -n is 0 to " + JournalReader.MAX_LAST);
            }
            return guarded(spec, this::print);
        }

        private int print(PrintWriter out) throws IOException {
            JournalReader reader = journal.open();
            JournalReader.Last last = reader.last(count);
            last.events().forEach(event -> out.println(event.json()));
            out.flush();
            long next = last.nextSequence();
            while (follow && !out.checkError()) {
                try {
                    Thread.sleep(POLL_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return 0;
                }
                next = reader.from(next, event -> out.println(event.json()));
                out.flush();
            }
            return 0;
        }
    }

    /** {@code audit find}. */
    @Command(name = "find", description = "Print the events that match all options.", mixinStandardHelpOptions = true)
    static final class Find implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        @Mixin
        private final Journal journal = new Journal();

        @Option(names = "--key", paramLabel = "ID", description = "Key ARN or key id.")
        private @Nullable String key;

        @Option(names = "--principal", paramLabel = "NAME", description = "Principal's ARN or user name.")
        private @Nullable String principal;

        @Option(names = "--event", paramLabel = "NAME", description = "Operation, such as Decrypt.")
        private @Nullable String event;

        @Option(
                names = "--since",
                paramLabel = "TIME",
                description = "From this time on: 2026-11-24 or 2026-11-24T10:00:00Z.")
        private @Nullable String since;

        @Option(names = "--until", paramLabel = "TIME", description = "Before this time.")
        private @Nullable String until;

        @Option(names = "--outcome", paramLabel = "success|failure", description = "Whether the request succeeded.")
        private @Nullable Outcome outcome;

        @Option(names = "--request-id", paramLabel = "ID", description = "The request's id.")
        private @Nullable String requestId;

        enum Outcome {
            success,
            failure
        }

        @Override
        public Integer call() {
            AuditQuery query = new AuditQuery(
                    key,
                    principal,
                    event,
                    time(since),
                    time(until),
                    outcome == null ? null : outcome == Outcome.success,
                    requestId);
            return guarded(spec, out -> {
                journal.open().find(query, found -> out.println(found.json()));
                return 0;
            });
        }

        private @Nullable Instant time(@Nullable String text) {
            if (text == null) {
                return null;
            }
            try {
                return text.length() == 10
                        ? LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC)
                        : OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException e) {
                throw new ParameterException(of(spec).commandLine(), "audit: not a time: " + text, e);
            }
        }
    }

    /** {@code audit verify}. */
    @Command(
            name = "verify",
            description = "Check every record and the hash chain. Ends with 5 when something is damaged or was edited.",
            mixinStandardHelpOptions = true)
    static final class Verify implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        @Mixin
        private final Journal journal = new Journal();

        @Override
        public Integer call() {
            return guarded(spec, out -> {
                JournalReader.Verification found = journal.open().verify();
                out.printf(
                        "{\"segments\":%d,\"records\":%d,\"nextSequence\":%d,\"head\":\"%s\",\"tornTail\":%b,\"intact\":%b}%n",
                        found.segments(),
                        found.records(),
                        found.nextSequence(),
                        found.headHex(),
                        found.tornTail(),
                        found.problems().isEmpty());
                PrintWriter err = of(spec).commandLine().getErr();
                found.problems().forEach(problem -> err.println("audit: " + problem));
                return found.problems().isEmpty() ? 0 : ExitCode.INTEGRITY;
            });
        }
    }
}

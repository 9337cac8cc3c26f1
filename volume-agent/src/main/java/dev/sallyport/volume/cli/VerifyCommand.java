package dev.sallyport.volume.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.volume.image.ImageCheck;
import dev.sallyport.volume.image.ImageCheck.Finding;
import dev.sallyport.volume.image.ImageCheck.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks an image; writes nothing. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Checks all of an image but its data, without writing to it.",
            "The image may be attached. Checked are both copies of the header and their checksums, the metadata, the"
                    + " geometry and the sallyport-kms token; and, with the KMS, that it opens the volume key, the key's"
                    + " digest, and the token's MAC. The data itself carries no checksum that could be verified."
        },
        footer = {
            "",
            "Exit codes: 0 when every check passed, 5 when one failed, 6 or 7 when only the KMS stood in the way.",
            "A damaged copy of the header is repaired by whatever opens the image for writing, such as attach.",
            "",
            "  sallyport-volume verify disk.img --kms-endpoint http://127.0.0.1:9000",
            "  sallyport-volume verify disk.img --offline --json"
        })
final class VerifyCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final ImageArgument image = new ImageArgument();

    @Option(names = "--offline", description = "Check what can be checked without the KMS.")
    private boolean offline;

    @Option(
            names = "--json",
            description = "For programs: {image, ok, checks: [{check, outcome: ok|failed|skipped, detail}]}.")
    private boolean json;

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    @Override
    public Integer call() throws IOException {
        ImageCheck check = ImageCheck.run(image.path(), offline ? null : kms::open);
        List<Finding> findings = check.findings();
        long failed = findings.stream()
                .filter(finding -> finding.outcome() == Outcome.FAILED)
                .count();
        print(findings, failed == 0);
        if (failed == 0) {
            return ExitCode.OK;
        }
        boolean kmsOnly = failed == 1 && check.refusal().isPresent();
        throw new CommandFailedException(
                kmsOnly ? ExitCode.of(check.refusal().orElseThrow()) : ExitCode.INTEGRITY,
                failed + " of " + findings.size() + " checks of " + image.path() + " failed: "
                        + findings.stream()
                                .filter(finding -> finding.outcome() == Outcome.FAILED)
                                .map(finding -> finding.check() + " (" + finding.detail() + ")")
                                .reduce((one, other) -> one + ", " + other)
                                .orElseThrow());
    }

    private void print(List<Finding> findings, boolean good) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode shown = new ObjectMapper()
                    .createObjectNode()
                    .put("image", image.path().toString())
                    .put("ok", good);
            var checks = shown.putArray("checks");
            for (Finding finding : findings) {
                checks.addObject()
                        .put("check", finding.check())
                        .put("outcome", word(finding))
                        .put("detail", finding.detail());
            }
            out.println(shown);
        } else {
            for (Finding finding : findings) {
                out.println(String.format("%-8s %-12s %s", word(finding), finding.check(), finding.detail()));
            }
        }
        out.flush();
    }

    private static String word(Finding finding) {
        return finding.outcome().name().toLowerCase(Locale.ROOT);
    }
}

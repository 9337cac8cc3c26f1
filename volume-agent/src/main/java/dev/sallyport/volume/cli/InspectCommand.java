package dev.sallyport.volume.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.volume.image.VolumeImage;
import dev.sallyport.volume.keys.KeyBundle;
import dev.sallyport.volume.keys.VolumeKeys;
import dev.sallyport.volume.luks.Token;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what a header says; writes nothing. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Shows everything about an image but its secrets. With a KMS, verifies digest and MAC too.")
final class InspectCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final ImageArgument image = new ImageArgument();

    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Mixin
    private final KmsOptions kms = new KmsOptions();

    @Override
    public Integer call() throws IOException {
        ObjectNode shown = new ObjectMapper().createObjectNode();
        try (VolumeImage opened = VolumeImage.open(image.path(), VolumeImage.Use.LOOK)) {
            Token token = opened.token();
            shown.put("image", image.path().toString())
                    .put("uuid", opened.header().uuid())
                    .put("label", opened.header().label())
                    .put("size", token.size())
                    .put("keyArn", token.keyArn())
                    .put("headerCopies", opened.header().copies().name())
                    .put("sequenceId", opened.header().sequenceId());
            ObjectNode context = shown.putObject("encryptionContext");
            token.context().pairs().forEach(context::put);
            var slots = shown.putArray("keyslots");
            opened.header().keyslots().forEach(slots::add);
            if (kms.given()) {
                try (VolumeKeys keys = kms.open(token.keyArn());
                        KeyBundle bundle = opened.unlock(keys)) {
                    shown.put("verified", true)
                            .put("keyBits", bundle.volumeKey().length() * 8)
                            .put(
                                    "sectorSize",
                                    opened.header()
                                            .geometry(bundle.volumeKey().length())
                                            .sectorSize());
                }
            } else {
                shown.put("verified", false);
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(shown);
        } else {
            shown.properties()
                    .forEach(field -> out.println(field.getKey() + ": "
                            + (field.getValue().isTextual() ? field.getValue().asText() : field.getValue())));
        }
        return ExitCode.OK;
    }
}

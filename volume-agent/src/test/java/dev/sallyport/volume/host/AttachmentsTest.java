package dev.sallyport.volume.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachmentsTest {
    @TempDir
    Path temporary;

    @Test
    void listsWhatThisProcessServes() throws IOException {
        Attachments attachments = new Attachments(temporary.resolve("own"));
        attachments.add("volume-1", Path.of("/images/one"), "nbd+unix:///?socket=/run/one");
        assertThat(attachments.list()).singleElement().satisfies(one -> {
            assertThat(one.image()).isEqualTo("/images/one");
            assertThat(one.pid()).isEqualTo(ProcessHandle.current().pid());
        });
        attachments.remove("volume-1");
        assertThat(attachments.list()).isEmpty();
    }

    @Test
    void refusesADirectoryThatOthersMayWrite() throws IOException {
        Path open = Files.createDirectory(temporary.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        Attachments attachments = new Attachments(open);
        assertThatThrownBy(() -> attachments.add("volume-1", Path.of("/images/one"), "nbd://x"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("SALLYPORT_RUNTIME_DIR");
        assertThatThrownBy(attachments::list).isInstanceOf(IOException.class);
    }
}

package dev.sallyport.volume.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.volume.testing.AgentProcess;
import dev.sallyport.volume.testing.Programs;
import dev.sallyport.volume.testing.TestKms;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the agent and systemd tell each other, with a script that plays systemd. */
@Timeout(120)
class SystemdIT {
    private static final Path SCRIPT =
            Path.of("src/test/systemd/play_systemd.py").toAbsolutePath();
    private static final Path UNITS = Path.of("src/dist/systemd").toAbsolutePath();

    @TempDir
    private Path directory;

    private TestKms kms;
    private Path image;
    private Path socket;

    @BeforeEach
    void create() throws IOException {
        Programs.require("python3");
        kms = new TestKms();
        image = directory.resolve("disk.img");
        socket = directory.resolve("volume.sock");
        new Commands(kms).succeed("create", image, "--size", "1M", "--key", kms.newKey());
    }

    @AfterEach
    void stop() {
        kms.close();
    }

    private AgentProcess play(String where, Map<String, String> more, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("python3", SCRIPT.toString(), where));
        command.addAll(
                AgentProcess.java("dev.sallyport.volume.Main", "attach", image, "--kms-endpoint", kms.endpoint()));
        command.addAll(List.of(options));
        Map<String, String> environment = new HashMap<>(kms.environment());
        environment.putAll(more);
        return AgentProcess.start(directory, environment, command);
    }

    /** The first eight bytes that an NBD server says. */
    private static String greeting(SocketChannel channel) throws IOException {
        ByteBuffer magic = ByteBuffer.allocate(8);
        while (magic.hasRemaining() && channel.read(magic) >= 0) {
            // more may come
        }
        return new String(magic.array(), 0, magic.position(), US_ASCII);
    }

    @Test
    void aClientThatCameBeforeIsServedOnceItIsReady() throws Exception {
        try (AgentProcess played = play(socket.toString(), Map.of())) {
            played.awaitOutput("listening:");
            // nobody accepts yet: the kernel keeps it waiting
            try (SocketChannel early = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                assertThat(greeting(early)).isEqualTo("NBDMAGIC");
            }
            played.awaitOutput("notify: READY=1 STATUS=serves " + image + " on nbd+unix:///?socket=" + socket);
            assertThat(Commands.bare("list").exit()).isZero();
            try (SocketChannel late = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                assertThat(greeting(late)).isEqualTo("NBDMAGIC");
            }
            played.process().destroy();
            assertThat(played.await()).isEqualTo(143);
            assertThat(played.output()).contains("notify: STOPPING=1");
        }
        // systemd's, so not the agent's to remove
        assertThat(socket).exists();
    }

    @Test
    void takesOverTcpAndNotifiesAnAbstractSocket() throws Exception {
        try (AgentProcess played = play("127.0.0.1:0", Map.of("PLAY_ABSTRACT", "1"))) {
            played.awaitOutput("notify: READY=1");
            int port = Integer.parseInt(
                    played.output().lines().findFirst().orElseThrow().replace("listening: ", ""));
            assertThat(played.output()).contains("on nbd://127.0.0.1:" + port);
            SocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.INET)) {
                client.connect(address);
                assertThat(greeting(client)).isEqualTo("NBDMAGIC");
            }
        }
    }

    @Test
    void refusesPlainTcpBeyondLoopbackThatSystemdPasses() throws Exception {
        try (AgentProcess played = play("0.0.0.0:0", Map.of())) {
            assertThat(played.await()).isEqualTo(2);
            assertThat(played.errors()).contains("plain TCP beyond loopback");
            assertThat(played.output()).doesNotContain("READY");
        }
    }

    @Test
    void theUnitsAreWellFormed() throws Exception {
        Programs.require("systemd-analyze");
        Path units = Files.createDirectory(directory.resolve("units"));
        for (String name : List.of("sallyport-volume@.service", "sallyport-volume@.socket")) {
            // the program that a unit names has to be there
            Files.writeString(
                    units.resolve(name.replace("@", "@disk")),
                    Files.readString(UNITS.resolve(name))
                            .replace("/opt/sallyport-volume/bin/sallyport-volume", "/bin/true"));
        }
        Programs.Result result = Programs.run(
                "systemd-analyze",
                "verify",
                "--man=no",
                units.resolve("sallyport-volume@disk.service"),
                units.resolve("sallyport-volume@disk.socket"));
        assertThat(result.output()).doesNotContain("sallyport-volume@");
        assertThat(result.code()).as(result.output()).isZero();
    }
}

package dev.sallyport.volume.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.volume.testing.AgentProcess;
import dev.sallyport.volume.testing.Guest;
import dev.sallyport.volume.testing.Programs;
import dev.sallyport.volume.testing.TestKms;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Linux kernel as the judge: dm-crypt and the agent read and write the same file system of one image, in turn. That the
 * volume is opened by dm-crypt with a passphrase, and no KMS, is the way out that every volume has.
 */
@Timeout(900)
class GuestKernelIT {
    private static final String PASSPHRASE = "for the day without a KMS";

    @TempDir
    private Path directory;

    /** The image's own bytes, served by somebody else's program, as a disk would be plugged in elsewhere. */
    private AgentProcess exportRaw(Path image, int port) throws IOException {
        return AgentProcess.start(
                directory,
                Map.of(),
                List.of(
                        "qemu-nbd",
                        "--format=raw",
                        "--bind=127.0.0.1",
                        "--port=" + port,
                        "--persistent",
                        "--cache=writeback",
                        image.toString()));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void withDmCrypt(Path image, String commands) throws IOException, InterruptedException {
        int port = freePort();
        try (AgentProcess raw = exportRaw(image, port)) {
            Guest.run(directory, """
                    printf '%%s' '%s' >/tmp/passphrase
                    n=0; until nbd-client 10.0.2.2 %d /dev/nbd0; do n=$((n + 1)); [ $n -lt 20 ]; sleep 1; done
                    cryptsetup open --key-file /tmp/passphrase /dev/nbd0 volume
                    %s
                    cryptsetup close volume
                    nbd-client -d /dev/nbd0
                    """.formatted(PASSPHRASE, port, commands));
            raw.process().destroy();
            assertThat(raw.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void withAgent(Path image, TestKms kms, String commands) throws IOException, InterruptedException {
        try (AgentProcess agent = AgentProcess.start(directory, kms, "attach", image, "--listen", "127.0.0.1:0")) {
            agent.awaitOutput("attached ");
            Matcher port = Pattern.compile("nbd://127\\.0\\.0\\.1:(\\d+)").matcher(agent.output());
            assertThat(port.find()).isTrue();
            Guest.run(directory, """
                    nbd-client 10.0.2.2 %s /dev/nbd0
                    %s
                    nbd-client -d /dev/nbd0
                    """.formatted(port.group(1), commands));
            agent.process().destroy();
            assertThat(agent.await()).isEqualTo(143);
        }
    }

    @Test
    void dmCryptAndTheAgentReadWhatTheOtherWrote() throws Exception {
        Programs.require("qemu-nbd");
        Path passphrase = Files.writeString(directory.resolve("passphrase"), PASSPHRASE);
        Path image = directory.resolve("disk.img");
        try (TestKms kms = new TestKms()) {
            new Commands(kms)
                    .succeed(
                            "create",
                            image,
                            "--size",
                            "48M",
                            "--key",
                            kms.newKey(),
                            "--break-glass-passphrase-file",
                            passphrase);
            withDmCrypt(image, """
                    mkfs.ext4 -q -L by-dm-crypt /dev/mapper/volume
                    mount -t ext4 /dev/mapper/volume /mnt
                    mkdir /mnt/files
                    for n in 1 2 3 4 5; do dd if=/dev/urandom of=/mnt/files/$n bs=300001 count=$n 2>/dev/null; done
                    cp /bin/busybox /mnt/files/busybox
                    (cd /mnt && sha256sum files/* >by-dm-crypt.sums)
                    umount /mnt
                    """);
            withAgent(image, kms, """
                    mount -t ext4 /dev/nbd0 /mnt
                    (cd /mnt && sha256sum -c by-dm-crypt.sums)
                    rm /mnt/files/3
                    fstrim /mnt
                    mkdir /mnt/more
                    for n in 1 2 3; do dd if=/dev/urandom of=/mnt/more/$n bs=400009 count=$n 2>/dev/null; done
                    (cd /mnt && sha256sum more/* files/* >by-agent.sums)
                    umount /mnt
                    """);
            withDmCrypt(image, """
                    e2fsck -f -n /dev/mapper/volume
                    mount -t ext4 -o ro /dev/mapper/volume /mnt
                    (cd /mnt && sha256sum -c by-agent.sums)
                    [ ! -e /mnt/files/3 ]
                    umount /mnt
                    """);
        }
    }
}

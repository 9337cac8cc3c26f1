package dev.sallyport.volume.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.volume.device.LuksDevice;
import dev.sallyport.volume.testing.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Other people's NBD clients. */
@Timeout(600)
class NbdClientsIT {
    private static final int SIZE = 64 << 20;

    /** Of {@code timeout(1)}: no client may hang a build. */
    private static final String PATIENCE = "120";

    @TempDir
    private Path directory;

    private Path socket;
    private String uri;
    private LuksDevice device;
    private NbdServer server;

    @BeforeEach
    void serve() throws IOException {
        socket = directory.resolve("s");
        uri = "nbd+unix:///?socket=" + socket;
        device = TestVolume.create(directory.resolve("image"), SIZE);
        server = NbdServer.onUnixSocket(new Export("", "", device, false), socket);
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        device.close();
    }

    private static String succeed(Object... command) throws Exception {
        Object[] all = new Object[command.length + 1];
        all[0] = PATIENCE;
        System.arraycopy(command, 0, all, 1, command.length);
        return Programs.succeed("timeout", all);
    }

    private Path content() throws IOException {
        byte[] bytes = new byte[SIZE];
        new Random(8).nextBytes(bytes);
        return Files.write(directory.resolve("content"), bytes);
    }

    @Test
    void nbdinfoSeesAnExportThatDoesEverything() throws Exception {
        Programs.require("nbdinfo");
        assertThat(succeed("nbdinfo", uri))
                .contains(
                        "export-size: " + SIZE,
                        "base:allocation",
                        "can_cache: true",
                        "can_df: true",
                        "can_fast_zero: true",
                        "can_flush: true",
                        "can_fua: true",
                        "can_multi_conn: true",
                        "can_trim: true",
                        "can_zero: true",
                        "is_read_only: false",
                        "block_size_minimum: 1",
                        "block_size_preferred: 4096",
                        "block_size_maximum: 33554432");
        assertThat(succeed("nbdinfo", "--list", uri)).contains("export=\"\":");
        byte[] sector = new byte[4096];
        device.write(8192, sector, 0, 4096);
        assertThat(succeed("nbdinfo", "--map", uri)
                        .lines()
                        .map(line -> line.trim().split("\\s+", -1)[2]))
                .containsExactly("1", "0", "1");
    }

    @Test
    void nbdcopyBothWaysOverSeveralConnections() throws Exception {
        Programs.require("nbdcopy");
        Path content = content();
        Path back = directory.resolve("back");
        succeed("nbdcopy", "--connections=4", "--flush", content, uri);
        succeed("nbdcopy", "--connections=4", uri, back);
        assertThat(Files.mismatch(content, back)).isEqualTo(-1);
    }

    @Test
    void qemuImgConvertsAndCompares() throws Exception {
        Programs.require("qemu-img", "qemu-io");
        Path content = content();
        Path qcow = directory.resolve("copy.qcow2");
        succeed("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", content, uri);
        assertThat(succeed("qemu-img", "compare", "-f", "raw", "-F", "raw", content, uri))
                .contains("Images are identical.");
        succeed("qemu-img", "convert", "-f", "raw", "-O", "qcow2", uri, qcow);
        assertThat(succeed("qemu-img", "compare", "-f", "qcow2", "-F", "raw", qcow, uri))
                .contains("Images are identical.");
    }

    @Test
    void qemuIoReadsWritesZeroesAndDiscards() throws Exception {
        Programs.require("qemu-io");
        String said = succeed(
                "qemu-io",
                "-f",
                "raw",
                "-c",
                "write -P 0xab 1 70000",
                "-c",
                "read -P 0xab 1 70000",
                "-c",
                "write -z 4k 64k",
                "-c",
                "read -P 0 4k 64k",
                "-c",
                "read -P 0xab 69632 369",
                "-c",
                "flush",
                "-c",
                "discard 1M 1M",
                "-c",
                "write -f -P 0x11 1M 4k",
                "-c",
                "read -P 0x11 1M 4k",
                uri);
        assertThat(said).doesNotContain("Pattern verification failed").doesNotContain("failed");
    }

    @Test
    void fioVerifiesRandomReadsAndWritesOverSeveralConnections() throws Exception {
        Programs.require("fio");
        String said = succeed(
                "fio",
                "--name=verify",
                "--ioengine=nbd",
                "--uri=" + uri,
                "--rw=randrw",
                "--bsrange=512-128k",
                "--bs_unaligned=1",
                "--size=16M",
                "--numjobs=4",
                "--offset_increment=16M",
                "--iodepth=16",
                "--verify=crc32c",
                "--verify_state_save=0",
                "--verify_fatal=1",
                "--do_verify=1",
                "--group_reporting",
                "--randrepeat=0");
        assertThat(said).contains("err= 0").doesNotContain("verify failed").doesNotContain("verify: bad");
    }
}

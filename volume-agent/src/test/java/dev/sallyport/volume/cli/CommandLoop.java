package dev.sallyport.volume.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import picocli.CommandLine;

/**
 * Changes an image by one random command after another until it is killed: {@code DIRECTORY ENDPOINT SEED KEY KEY}. Says what
 * it begins and what is done, a line each.
 */
final class CommandLoop {
    /** The image in its directory. */
    static final String IMAGE = "disk.img";

    private static final int PASSPHRASES = 2;

    private final Path directory;
    private final String endpoint;
    private final Random random;
    private final List<String> keys;
    private final boolean[] added = new boolean[PASSPHRASES];
    private int made;

    private CommandLoop(Path directory, String endpoint, long seed, List<String> keys) {
        this.directory = directory;
        this.endpoint = endpoint;
        this.random = new Random(seed);
        this.keys = keys;
    }

    public static void main(String[] arguments) throws IOException {
        CommandLoop loop = new CommandLoop(
                Path.of(arguments[0]), arguments[1], Long.parseLong(arguments[2]), List.of(arguments[3], arguments[4]));
        while (true) {
            loop.step();
        }
    }

    /** The passphrase of a number, in a file outside of the directory of images. */
    static Path passphrase(Path directory, int number) throws IOException {
        Path file = directory.resolveSibling("passphrase-" + number);
        return Files.exists(file) ? file : Files.writeString(file, "passphrase " + number);
    }

    private void step() throws IOException {
        int choice = random.nextInt(40);
        Path image = directory.resolve(IMAGE);
        if (choice < 18) {
            String key = keys.get(random.nextInt(keys.size()));
            run("rekey " + key, "rekey", image, "--key", key);
        } else if (choice < 36) {
            long size = 4096L * (256 + random.nextInt(256));
            run("resize " + size, "resize", image, "--size", size, "--force");
        } else if (choice < 38) {
            int number = random.nextInt(PASSPHRASES);
            String verb = added[number] ? "remove" : "add";
            run(
                    "passphrase-" + verb + " " + number,
                    "passphrase",
                    verb,
                    image,
                    "--passphrase-file",
                    passphrase(directory, number));
            added[number] = !added[number];
        } else if (made < 3) {
            made++;
            Path another = directory.resolve("made-" + made + ".img");
            run("create " + another.getFileName(), "create", another, "--size", "64K", "--key", keys.getFirst());
        }
    }

    private void run(String what, Object... words) {
        System.out.println("begin " + what);
        List<String> all = new ArrayList<>();
        for (Object word : words) {
            all.add(word.toString());
        }
        all.add("--kms-endpoint");
        all.add(endpoint);
        CommandLine line = VolumeCommand.commandLine();
        line.setOut(new java.io.PrintWriter(java.io.Writer.nullWriter()));
        if (line.execute(all.toArray(String[]::new)) != 0) {
            System.out.println("failed " + what);
            System.exit(1);
        }
        System.out.println("done " + what);
    }
}

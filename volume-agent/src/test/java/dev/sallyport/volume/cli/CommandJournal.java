package dev.sallyport.volume.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a {@link CommandLoop} said: what was done last of each kind, and what was begun and not done. */
final class CommandJournal {
    private final Map<String, String> done = new HashMap<>();
    private final Map<String, String> begun = new HashMap<>();
    private final Set<String> created = new TreeSet<>();
    private int commands;

    CommandJournal(String output) {
        List<String> lines = new ArrayList<>(output.lines().toList());
        if (!output.endsWith("\n") && !lines.isEmpty()) {
            lines.removeLast();
        }
        for (String line : lines) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "begin" -> begun.put(subject(words), value(words));
                case "done" -> {
                    commands++;
                    begun.clear();
                    done.put(subject(words), value(words));
                    if (words[1].equals("create")) {
                        created.add(words[2]);
                    }
                }
                default -> throw new AssertionError(line);
            }
        }
    }

    private static String subject(String[] words) {
        return words[1].startsWith("passphrase-") ? "passphrase " + words[2] : words[1];
    }

    private static String value(String[] words) {
        return words[1].startsWith("passphrase-") ? words[1] : words[2];
    }

    int commands() {
        return commands;
    }

    /** Images whose creation was acknowledged. */
    Set<String> created() {
        return created;
    }

    /** What may be the case now: the last value that was acknowledged, or the one that was under way. */
    List<String> possible(String subject, String initially) {
        List<String> values = new ArrayList<>(List.of(done.getOrDefault(subject, initially)));
        if (begun.containsKey(subject)) {
            values.add(begun.get(subject));
        }
        return values;
    }
}

package dev.sallyport.gateway.admin;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What must hold for the gateway to serve; each check says in a few words what is wrong, and must not block. */
public final class Readiness {
    private final Map<String, Supplier<@Nullable String>> checks = new LinkedHashMap<>();

    /** @param check gives null while all is well */
    public Readiness check(String name, Supplier<@Nullable String> check) {
        checks.put(name, check);
        return this;
    }

    /** What is wrong, by the name of the check; empty when ready. */
    public Map<String, String> problems() {
        Map<String, String> problems = new LinkedHashMap<>();
        checks.forEach((name, check) -> {
            String problem = check.get();
            if (problem != null) {
                problems.put(name, problem);
            }
        });
        return problems;
    }
}

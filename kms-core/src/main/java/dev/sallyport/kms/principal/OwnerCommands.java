package dev.sallyport.kms.principal;

import dev.sallyport.kms.audit.AuditLog;
import dev.sallyport.kms.store.OwnerCommand;
import dev.sallyport.kms.store.SqliteKeyStore;
import dev.sallyport.kms.store.StoreCommands;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Everything that the owner of a key store does for other processes. */
public final class OwnerCommands {
    private OwnerCommands() {}

    /**
     * The commands by name: those on the store as a whole, and those on principals.
     *
     * @param audit takes the events of those that change something, before they answer
     */
    public static Map<String, OwnerCommand> of(SqliteKeyStore store, AuditLog audit) {
        CommandAudit commandAudit = new CommandAudit(store, audit, Clock.systemUTC());
        Map<String, OwnerCommand> commands = new HashMap<>(StoreCommands.of(store));
        commands.putAll(PrincipalCommands.of(store));
        commands.replaceAll((name, command) -> {
            CommandAudit.Description description = CommandEvents.of(name);
            return description == null ? command : commandAudit.audited(command, description);
        });
        return Map.copyOf(commands);
    }

    /** Leaves the event of a restore that was accepted, which only a process that owns the store can do. */
    public static void restoreAccepted(SqliteKeyStore store, AuditLog audit, long rows) {
        new CommandAudit(store, audit, Clock.systemUTC()).record(List.of(CommandEvents.acceptRestore(rows)));
    }
}

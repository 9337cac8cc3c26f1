package dev.sallyport.kms.principal;

import dev.sallyport.kms.store.OwnerCommand;
import dev.sallyport.kms.store.SqliteKeyStore;
import dev.sallyport.kms.store.StoreCommands;
import java.util.HashMap;
import java.util.Map;

/** Everything that the owner of a key store does for other processes. */
public final class OwnerCommands {
    private OwnerCommands() {}

    /** The commands by name: those on the store as a whole, and those on principals. */
    public static Map<String, OwnerCommand> of(SqliteKeyStore store) {
        Map<String, OwnerCommand> commands = new HashMap<>(StoreCommands.of(store));
        commands.putAll(PrincipalCommands.of(store));
        return Map.copyOf(commands);
    }
}

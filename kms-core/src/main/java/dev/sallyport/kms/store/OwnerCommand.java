package dev.sallyport.kms.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;

/** A command that the owner of a key store carries out, for itself or for another process. */
@FunctionalInterface
public interface OwnerCommand {
    /**
     * Carries it out.
     *
     * @param arguments a JSON object; the command checks it
     * @param data where a command that produces a file writes it; not closed by the command
     * @return what it answers
     * @throws StoreException for a refusal or failure, with a line for the operator
     */
    JsonNode run(JsonNode arguments, OutputStream data) throws IOException;
}

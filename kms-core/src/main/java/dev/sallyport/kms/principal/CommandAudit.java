package dev.sallyport.kms.principal;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.audit.AuditEvent;
import dev.sallyport.kms.audit.AuditLog;
import dev.sallyport.kms.seal.SealException;
import dev.sallyport.kms.store.KeyStore;
import dev.sallyport.kms.store.OwnerCommand;
import dev.sallyport.kms.store.StoreException;
import dev.sallyport.kms.store.StoreException.Reason;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Leaves the audit events of an operator's commands: durable before the command answers, whether it was carried out by the
 * store's owner for another process or by the command's own process. A command that changes something is refused while the
 * journal takes no events.
 */
public final class CommandAudit {
    /** Where CloudTrail records events of IAM, which has no regions. */
    private static final String REGION = "us-east-1";

    private final AuditLog audit;
    private final InstantSource clock;
    private final CallerOf caller;

    /**
     * One event of a command.
     *
     * @param source {@link AuditEvent#IAM} or {@link AuditEvent#SALLYPORT}
     * @param parameters in CloudTrail's lower camel case, without secrets
     * @param response null where there is nothing to tell
     */
    public record Deed(
            String source,
            String name,
            Map<String, Object> parameters,
            @Nullable Map<String, Object> response) {}

    /** What a command did, or was to do. */
    @FunctionalInterface
    public interface Description {
        /**
         * At least one event.
         *
         * @param arguments as they came: any may be missing
         * @param result null when the command was refused or failed
         */
        List<Deed> of(JsonNode arguments, @Nullable JsonNode result);
    }

    @FunctionalInterface
    private interface CallerOf {
        Caller get();
    }

    /** For commands on a store, of the account that it names. */
    public CommandAudit(KeyStore store, AuditLog audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
        this.caller = () -> {
            String account = Account.of(store);
            return new Caller("arn:aws:iam::" + account + ":root", account, account, "root", null, null);
        };
    }

    /** The command, which leaves its events. */
    public OwnerCommand audited(OwnerCommand command, Description description) {
        return (arguments, data) -> {
            try {
                audit.requireOpen();
            } catch (KmsException e) {
                throw new StoreException(Reason.IO, "the audit journal takes no events, so nothing was changed");
            }
            JsonNode result;
            try {
                result = command.run(arguments, data);
            } catch (StoreException e) {
                record(description.of(arguments, null), codeOf(e.reason()), e.getMessage());
                throw e;
            } catch (SealException e) {
                record(description.of(arguments, null), codeOf(Reason.REFUSED), e.getMessage());
                throw e;
            } catch (IOException | RuntimeException e) {
                record(
                        description.of(arguments, null),
                        "InternalFailure",
                        e.getClass().getSimpleName());
                throw e;
            }
            record(description.of(arguments, result));
            return result;
        };
    }

    /** Leaves the events of what was done. */
    public void record(List<Deed> deeds) {
        record(deeds, null, null);
    }

    private void record(List<Deed> deeds, @Nullable String errorCode, @Nullable String errorMessage) {
        Caller root = caller.get();
        List<AuditReceipt> receipts = new ArrayList<>();
        try {
            for (Deed deed : deeds) {
                receipts.add(audit.append(event(root, deed, errorCode, errorMessage)));
            }
            receipts.forEach(AuditReceipt::await);
        } catch (KmsException e) {
            throw new StoreException(
                    Reason.IO,
                    errorCode == null
                            ? "the change was made, but the audit journal did not take its event"
                            : "refused, and the audit journal did not take the event: " + errorMessage);
        }
    }

    private AuditEvent event(Caller root, Deed deed, @Nullable String errorCode, @Nullable String errorMessage) {
        CallContext call = new CallContext(
                root,
                REGION,
                UUID.randomUUID().toString(),
                "127.0.0.1",
                "sallyport",
                false,
                null,
                null,
                null,
                List.of());
        return new AuditEvent(
                call,
                clock.instant(),
                deed.source(),
                deed.name(),
                false,
                deed.parameters().isEmpty() ? null : deed.parameters(),
                errorCode == null ? deed.response() : null,
                List.of(),
                null,
                errorCode,
                errorMessage);
    }

    /** {@code REFUSED} is Refused. */
    private static String codeOf(Reason reason) {
        StringBuilder code = new StringBuilder();
        for (String word : reason.name().toLowerCase(Locale.ROOT).split("_", -1)) {
            code.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
        }
        return code.toString();
    }
}

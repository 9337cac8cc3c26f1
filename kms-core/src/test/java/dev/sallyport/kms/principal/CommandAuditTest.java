package dev.sallyport.kms.principal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.kms.AuditReceipt;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.audit.AuditEvent;
import dev.sallyport.kms.audit.AuditLog;
import dev.sallyport.kms.seal.SealSecret;
import dev.sallyport.kms.store.DigestWitness;
import dev.sallyport.kms.store.OwnerCommand;
import dev.sallyport.kms.store.SqliteKeyStore;
import dev.sallyport.kms.store.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandAuditTest {
    @TempDir
    Path temporary;

    private SqliteKeyStore store;

    /** A journal that can refuse to begin, to take an event, and to make one durable. */
    private static final class Journal implements AuditLog {
        private final List<AuditEvent> durable = new ArrayList<>();
        private boolean open = true;
        private boolean takes = true;
        private boolean syncs = true;

        @Override
        public void requireOpen() {
            if (!open) {
                throw new KmsException(KmsException.Code.INTERNAL, "");
            }
        }

        @Override
        public AuditReceipt append(AuditEvent event) {
            if (!takes) {
                throw new KmsException(KmsException.Code.INTERNAL, "");
            }
            return () -> {
                if (!syncs) {
                    throw new KmsException(KmsException.Code.INTERNAL, "");
                }
                durable.add(event);
            };
        }
    }

    private final Journal journal = new Journal();

    @BeforeEach
    void open() {
        try (SealSecret secret = SealSecret.passphrase("correct horse battery".getBytes(StandardCharsets.UTF_8))) {
            SqliteKeyStore.create(temporary.resolve("ks"), secret);
            store = SqliteKeyStore.open(temporary.resolve("ks"), secret, DigestWitness.NONE);
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void add(String name) throws IOException {
        OwnerCommand command =
                Objects.requireNonNull(OwnerCommands.of(store, journal).get(PrincipalCommands.ADD));
        ObjectNode arguments = JsonNodeFactory.instance.objectNode().put("name", name);
        command.run(arguments, OutputStream.nullOutputStream());
    }

    private List<String> users() {
        return new PrincipalAdmin(store, Account.of(store), Clock.systemUTC())
                .list().stream().map(PrincipalInfo::name).toList();
    }

    @Test
    void theEventIsDurableWhenTheCommandAnswers() throws IOException {
        add("alice");
        assertThat(journal.durable).extracting(AuditEvent::eventName).containsExactly("CreateUser", "CreateAccessKey");
        assertThat(users()).containsExactly("alice");
    }

    @Test
    void nothingChangesWhileTheJournalIsClosed() {
        journal.open = false;
        assertThatThrownBy(() -> add("alice"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("nothing was changed");
        assertThat(users()).isEmpty();
    }

    @Test
    void anEventThatIsNotDurableIsNoSuccess() {
        journal.takes = false;
        assertThatThrownBy(() -> add("alice"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("did not take its event");
        journal.takes = true;
        journal.syncs = false;
        assertThatThrownBy(() -> add("bob"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("did not take its event");
        assertThat(journal.durable).isEmpty();
    }

    @Test
    void whatIsRefusedOrBreaksLeavesItsEventToo() {
        assertThatThrownBy(() -> add("no spaces")).isInstanceOf(StoreException.class);
        OwnerCommand defect = new CommandAudit(store, journal, Clock.systemUTC())
                .audited(
                        (arguments, data) -> {
                            throw new IllegalStateException("secret detail");
                        },
                        (arguments, result) -> List.of(CommandEvents.acceptRestore(1)));
        assertThatThrownBy(() -> defect.run(JsonNodeFactory.instance.objectNode(), OutputStream.nullOutputStream()))
                .isInstanceOf(IllegalStateException.class);
        assertThat(journal.durable).extracting(AuditEvent::errorCode).containsExactly("Refused", "InternalFailure");
        assertThat(journal.durable.toString()).doesNotContain("secret detail");
    }
}

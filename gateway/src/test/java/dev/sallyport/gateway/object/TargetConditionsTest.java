package dev.sallyport.gateway.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.gateway.backend.BackendRequest;
import dev.sallyport.gateway.backend.BackendUnavailableException;
import dev.sallyport.gateway.backend.StoreCapabilities;
import dev.sallyport.gateway.operation.FakeExchange;
import dev.sallyport.gateway.operation.FakeStore;
import dev.sallyport.gateway.operation.FakeStore.Answer;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.s3.WriteConditions;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.junit.jupiter.api.Test;

class TargetConditionsTest {
    private static final WriteConditions IF_NEW = new WriteConditions(null, true);
    private static final WriteConditions IF_SAME = new WriteConditions("\"ab-1\"", false);

    private static S3Exception refusal(Answer answer, WriteConditions conditions, boolean missing) {
        BackendRequest request = new BackendRequest("PUT", "b", "k", List.of(), new DefaultHttpHeaders());
        var response =
                new FakeStore(r -> answer).execute(new FakeExchange("PUT", "/b/k").eventLoop(), request, new byte[0]);
        return TargetConditions.refusal(response, conditions, "b", "k", () -> missing);
    }

    @Test
    void aWriteThatCameBetweenIsAConflict() {
        for (Answer answer : List.of(Answer.error(409, "ConditionalRequestConflict"), Answer.of(409, ""))) {
            for (WriteConditions conditions : List.of(IF_NEW, IF_SAME)) {
                S3Exception conflict = refusal(answer, conditions, false);
                assertThat(conflict.status()).isEqualTo(409);
                assertThat(conflict.code()).isEqualTo("ConditionalRequestConflict");
                assertThat(conflict)
                        .hasMessage(
                                "The conditional request cannot succeed due to a conflicting operation against this resource.");
                assertThat(conflict.details())
                        .containsEntry("Condition", conditions.ifNoneMatch() ? "If-None-Match" : "If-Match")
                        .containsEntry("Key", "k");
            }
        }
        S3Exception inside = TargetConditions.refusal(
                500, "ConditionalRequestConflict", "of the store", IF_NEW, "b", "k", () -> false);
        assertThat(inside.status()).isEqualTo(409);
        assertThat(catchThrowableOfType(
                        BackendUnavailableException.class,
                        () -> refusal(Answer.of(409, ""), WriteConditions.NONE, false)))
                .as("a conflict of a write without conditions is the store's affair")
                .isNotNull();
    }

    @Test
    void aConditionThatDoesNotHoldAndAnObjectThatIsNotThere() {
        Answer failed = Answer.error(412, "PreconditionFailed");
        assertThat(refusal(failed, IF_NEW, true).details()).containsEntry("Condition", "If-None-Match");
        assertThat(refusal(failed, IF_SAME, false).details()).containsEntry("Condition", "If-Match");
        assertThat(refusal(failed, IF_SAME, false).status()).isEqualTo(412);
        assertThat(refusal(failed, IF_SAME, true).code()).isEqualTo("NoSuchKey");
        assertThat(refusal(Answer.error(404, "NoSuchKey"), IF_SAME, false).code())
                .isEqualTo("NoSuchKey");
        assertThat(refusal(Answer.error(503, "SlowDown"), IF_NEW, false).code()).isEqualTo("SlowDown");
    }

    @Test
    void whatTheStoreIgnoresIsRefusedByName() {
        var onlyNew = new StoreCapabilities.OnTarget(true, false);
        assertThatCode(() -> TargetConditions.require(IF_NEW, onlyNew)).doesNotThrowAnyException();
        assertThatCode(() -> TargetConditions.require(WriteConditions.NONE, StoreCapabilities.OnTarget.NEITHER))
                .doesNotThrowAnyException();
        S3Exception ignored = catchThrowableOfType(S3Exception.class, () -> TargetConditions.require(IF_SAME, onlyNew));
        assertThat(ignored.status()).isEqualTo(501);
        assertThat(ignored.details()).containsEntry("Header", "If-Match");
        var store = new StoreCapabilities(onlyNew, StoreCapabilities.OnTarget.BOTH, onlyNew, true, true);
        assertThat(store.completion()).isEqualTo(onlyNew);
    }

    @Test
    void etagsAreTheStores() {
        HttpHeaders headers = new DefaultHttpHeaders();
        TargetConditions.add(headers, IF_SAME);
        assertThat(headers.get("if-match")).isEqualTo("\"ab\"");
        TargetConditions.add(headers, new WriteConditions("\"ab-2\"", false));
        assertThat(headers.get("if-match")).isEqualTo("\"ab-2\"");
        TargetConditions.add(headers, IF_NEW);
        assertThat(headers.get("if-none-match")).isEqualTo("*");
    }
}

package dev.sallyport.gateway.kmsapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.kms.Caller;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StsEndpointTest {
    private static final Caller ALICE =
            new Caller("arn:aws:iam::111111111111:user/a&b", "111111111111", "AIDAALICE", "a&b", "AKIA", null);

    private static String answer(String form, int status) {
        Reply reply = StsEndpoint.handle(ALICE, "id-1", form.getBytes(StandardCharsets.UTF_8));
        assertThat(reply.status()).isEqualTo(status);
        return new String(reply.body(), StandardCharsets.UTF_8);
    }

    @Test
    void tellsWhoCalls() {
        assertThat(answer("Action=GetCallerIdentity&Version=2011-06-15", 200))
                .contains(
                        "<Arn>arn:aws:iam::111111111111:user/a&amp;b</Arn>",
                        "<UserId>AIDAALICE</UserId>",
                        "<Account>111111111111</Account>",
                        "<RequestId>id-1</RequestId>");
    }

    @Test
    void refusesWhatItIsNot() {
        assertThat(answer("Action=AssumeRole&Version=2011-06-15", 400)).contains("<Code>InvalidAction</Code>");
        assertThat(answer("Action=GetCallerIdentity&Version=1", 400)).contains("<Code>InvalidAction</Code>");
        assertThat(answer("", 400)).contains("<Code>MissingAction</Code>");
        assertThat(answer("Action=%zz", 400)).contains("<Code>MalformedInput</Code>");
        assertThat(answer("Action=GetCallerIdentity&Action=GetCallerIdentity", 400))
                .contains("<Code>MalformedInput</Code>");
        assertThat(answer("Action=<x>&a=1", 400)).contains("&lt;x&gt;").doesNotContain("<x>");
    }
}

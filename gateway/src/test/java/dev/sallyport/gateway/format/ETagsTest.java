package dev.sallyport.gateway.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ETagsTest {
    private static final String MD5 = "0123456789abcdef0123456789abcdef";

    @Test
    void showsAPlainEtagWithADash() {
        assertThat(ETags.toClient('"' + MD5 + '"')).isEqualTo('"' + MD5 + "-1\"");
        assertThat(ETags.toClient(MD5)).isEqualTo(MD5 + "-1");
        assertThat(ETags.toClient("W/\"" + MD5 + '"')).isEqualTo("W/\"" + MD5 + "-1\"");
    }

    @Test
    void leavesAMultipartEtagAlone() {
        assertThat(ETags.toClient('"' + MD5 + "-17\"")).isEqualTo('"' + MD5 + "-17\"");
        assertThat(ETags.toStore('"' + MD5 + "-17\"")).isEqualTo('"' + MD5 + "-17\"");
        assertThat(ETags.toStore('"' + MD5 + "-11\"")).isEqualTo('"' + MD5 + "-11\"");
    }

    @Test
    void comesBackTheWayItWent() {
        for (String etag : new String[] {MD5, '"' + MD5 + '"', "W/\"" + MD5 + '"', MD5 + "-3", '"' + MD5 + "-3\""}) {
            assertThat(ETags.toStore(ETags.toClient(etag))).isEqualTo(etag);
        }
    }

    @Test
    void leavesWhatNoClientWasShown() {
        assertThat(ETags.toStore("*")).isEqualTo("*");
        assertThat(ETags.toStore('"' + MD5 + '"')).isEqualTo('"' + MD5 + '"');
        assertThat(ETags.toStore("")).isEmpty();
    }

    @Test
    void mapsLists() {
        assertThat(ETags.listToStore("\"a-1\", \"b-3\" ,W/\"c-1\"")).isEqualTo("\"a\", \"b-3\", W/\"c\"");
        assertThat(ETags.listToStore(" \"a-1\" ")).isEqualTo("\"a\"");
    }

    @Test
    void conditionsReachTheStoreInQuotes() {
        assertThat(ETags.conditionToStore("0123-1")).isEqualTo("\"0123\"");
        assertThat(ETags.conditionToStore("\"0123-1\"")).isEqualTo("\"0123\"");
        assertThat(ETags.conditionToStore("W/\"0123-2\"")).isEqualTo("W/\"0123-2\"");
        assertThat(ETags.conditionToStore("*")).isEqualTo("*");
        assertThat(ETags.conditionToStore("\"1-1\", \"2-2\"")).isEqualTo("\"1\", \"2-2\"");
    }
}

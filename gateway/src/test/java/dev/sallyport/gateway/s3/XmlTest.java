package dev.sallyport.gateway.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XmlTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<a",
                "<a></b>",
                "<b/>",
                "<a/><a/>",
                "not xml",
                "<!DOCTYPE a><a/>",
                "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a>&e;</a>",
                "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>",
                "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/x.dtd\"><a/>",
                "<a>&undefined;</a>",
                "<a>\u0001</a>",
                "<?xml version=\"1.0\" encoding=\"no-such\"?><a/>",
            })
    void refused(String document) {
        assertThatThrownBy(() -> XmlElement.parse(bytes(document), "a"))
                .isInstanceOfSatisfying(S3Exception.class, e -> {
                    assertThat(e.code()).isEqualTo("MalformedXML");
                    assertThat(e)
                            .hasMessage(
                                    "The XML you provided was not well-formed or did not validate against our published schema");
                });
    }

    @Test
    void depthIsBounded() {
        String deep = "<a>".repeat(17) + "</a>".repeat(17);
        assertThat(XmlElement.parseOrNull(bytes(deep))).isNull();
        assertThat(XmlElement.parseOrNull(bytes("<a>".repeat(16) + "</a>".repeat(16))))
                .isNotNull();
    }

    @Test
    void namespacesDoNotMatter() {
        XmlElement element = XmlElement.parse(bytes("<x:a xmlns:x='urn:y'><x:b> t<![CDATA[<]]></x:b></x:a>"), "a");
        assertThat(element.childText("b")).isEqualTo(" t<");
    }

    @Test
    void whatIsWrittenReadsBack() {
        String odd = "a<b>&\"'\r\n\t é \uD83D\uDE00 ]]>";
        byte[] document = XmlWriter.document("A").element("B", odd).toBytes();
        assertThat(XmlElement.parse(document, "A").childText("B")).isEqualTo(odd);
    }

    @Test
    void errorsHoldTheirElementsInOrder() {
        S3Exception error = S3Errors.noSuchBucket("b<").with("Extra", "x");
        String text = new String(ErrorXml.render(error, "/b", "REQ", "HOST"), StandardCharsets.UTF_8);
        assertThat(text)
                .endsWith("<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message>"
                        + "<BucketName>b&lt;</BucketName><Extra>x</Extra><Resource>/b</Resource>"
                        + "<RequestId>REQ</RequestId><HostId>HOST</HostId></Error>");
    }

    @Test
    void percentCoding() {
        assertThat(PercentCoding.encodeForListing("a b/c+é\u0001*~")).isEqualTo("a+b/c%2B%C3%A9%01*%7E");
        assertThat(PercentCoding.encodePath("a b/../c+~")).isEqualTo("a%20b/../c%2B~");
        assertThat(PercentCoding.decode("a+b%2B", true)).isEqualTo("a b+");
        assertThat(PercentCoding.decode("a+b%2B", false)).isEqualTo("a+b+");
        assertThat(PercentCoding.decode("%C3", false)).isNull();
    }
}

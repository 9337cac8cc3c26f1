package dev.sallyport.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrustedProxiesTest {
    private final TrustedProxies proxies = TrustedProxies.of(List.of("10.0.0.0/8"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.1.2.3|https|true",
                "10.1.2.3|HTTPS|true",
                "10.1.2.3|http|false",
                "10.1.2.3|https;http|false",
                "10.1.2.3|http;https|true",
                "10.1.2.3|https, http|false",
                "10.1.2.3|http, https|true",
                "10.1.2.3|''|false",
                "192.0.2.1|https|false",
            })
    void whatTheNearestProxySaysOfTheTransportCounts(String peer, String sent, boolean secure) {
        HttpHeaders headers = new DefaultHttpHeaders();
        for (String value : sent.split(";", -1)) {
            headers.add("X-Forwarded-Proto", value);
        }
        assertThat(proxies.secure(false, new InetSocketAddress(peer, 443), headers))
                .isEqualTo(secure);
        assertThat(proxies.secure(true, new InetSocketAddress(peer, 443), headers))
                .isTrue();
    }
}

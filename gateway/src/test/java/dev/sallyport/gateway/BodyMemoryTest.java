package dev.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.gateway.http.BodyTooLargeException;
import dev.sallyport.gateway.http.Exchange;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

class BodyMemoryTest {
    private static final int LIMIT = 64 * 1024;

    private static Exchange ofLength(long length) {
        return (Exchange) Proxy.newProxyInstance(
                BodyMemoryTest.class.getClassLoader(), new Class<?>[] {Exchange.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("contentLength");
                    return length;
                });
    }

    @Test
    void bodiesTogetherAreBoundedHoweverManyThereAre() {
        BodyMemory memory = new BodyMemory(256);
        BodyMemory.Room first = memory.reserve(ofLength(LIMIT), LIMIT);
        BodyMemory.Room second = memory.reserve(ofLength(-1), LIMIT);
        assertThatThrownBy(() -> memory.reserve(ofLength(LIMIT), LIMIT)).isInstanceOf(BodyMemory.FullException.class);
        memory.reserve(ofLength(0), LIMIT).close();
        first.close();
        memory.reserve(ofLength(LIMIT), LIMIT).close();
        second.close();
        assertThatThrownBy(() -> memory.reserve(ofLength(LIMIT + 1), LIMIT)).isInstanceOf(BodyTooLargeException.class);
    }
}

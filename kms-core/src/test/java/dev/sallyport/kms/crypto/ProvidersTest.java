package dev.sallyport.kms.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.Provider;
import java.security.Security;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ProvidersTest {
    @Test
    void theJdkAlwaysWorks() {
        assertThat(Providers.available()).contains(CryptoProvider.JDK);
        assertThat(Providers.available().get(0)).isEqualTo(Providers.current());
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void correttoLoadsOnLinuxX86() throws Exception {
        assertThat(Providers.available()).contains(CryptoProvider.CORRETTO);
        String name = CryptoProvider.CORRETTO
                .cipher("AES/GCM/NoPadding")
                .getProvider()
                .getName();
        assertThat(name).isEqualTo("AmazonCorrettoCryptoProvider");
    }

    @Test
    void oneThreadsChoiceIsItsOwnAndEnds() throws Exception {
        CryptoProvider chosen = Providers.current();
        for (CryptoProvider provider : Providers.available()) {
            CryptoProvider[] elsewhere = new CryptoProvider[1];
            assertThat(Providers.callWith(provider, () -> {
                        Thread other = Thread.ofVirtual().start(() -> elsewhere[0] = Providers.current());
                        other.join();
                        return Providers.current();
                    }))
                    .isEqualTo(provider);
            assertThat(elsewhere[0]).isEqualTo(chosen);
        }
        assertThat(Providers.current()).isEqualTo(chosen);
    }

    @Test
    void nothingIsRegisteredWithTheJvm() {
        assertThat(Providers.available()).isNotEmpty();
        for (Provider provider : Security.getProviders()) {
            assertThat(provider.getName().toLowerCase(Locale.ROOT))
                    .doesNotContain("corretto")
                    .isNotEqualTo("bc");
        }
    }

    @Test
    void correttoIsChosenWhereItLoadsElseTheJdk() {
        assertThat(Providers.choose("auto", null, null)).isEqualTo(CryptoProvider.CORRETTO);
        assertThat(Providers.choose("auto", "no library", null)).isEqualTo(CryptoProvider.JDK);
        assertThat(Providers.choose("JDK", null, null)).isEqualTo(CryptoProvider.JDK);
        assertThat(Providers.choose("corretto", null, "broken")).isEqualTo(CryptoProvider.CORRETTO);
    }

    @Test
    void aProviderThatIsAskedForAndDoesNotWorkIsAnError() {
        assertThatThrownBy(() -> Providers.choose("corretto", "no library", null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no library");
        assertThatThrownBy(() -> Providers.choose("auto", "no library", "broken"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("broken");
        assertThatThrownBy(() -> Providers.choose("openssl", null, null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("openssl");
    }

    @Test
    void theFailureTellsNothing() {
        assertThatThrownBy(() -> {
                    throw new AuthenticationFailedException();
                })
                .hasMessage("")
                .hasNoCause();
        assertThat(new AuthenticationFailedException().getStackTrace()).isEmpty();
    }
}

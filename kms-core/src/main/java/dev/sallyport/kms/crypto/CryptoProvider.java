package dev.sallyport.kms.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import javax.crypto.Cipher;
import javax.crypto.Mac;

/**
 * An implementation of the primitives. Neither is registered with the JVM: each use names its provider, so what another
 * library registers, or in which order, changes nothing here.
 */
public enum CryptoProvider {
    /** Amazon Corretto Crypto Provider: AWS-LC in a native library. */
    CORRETTO {
        @Override
        Cipher cipher(String transformation) throws GeneralSecurityException {
            Provider corretto = AmazonCorrettoCryptoProvider.INSTANCE;
            return corretto.getService("Cipher", transformation) == null
                    ? JDK.cipher(transformation)
                    : Cipher.getInstance(transformation, corretto);
        }

        @Override
        Mac mac(String algorithm) throws GeneralSecurityException {
            return Mac.getInstance(algorithm, AmazonCorrettoCryptoProvider.INSTANCE);
        }

        @Override
        MessageDigest digest(String algorithm) throws GeneralSecurityException {
            return MessageDigest.getInstance(algorithm, AmazonCorrettoCryptoProvider.INSTANCE);
        }

        @Override
        SecureRandom secureRandom() throws GeneralSecurityException {
            return SecureRandom.getInstance("LibCryptoRng", AmazonCorrettoCryptoProvider.INSTANCE);
        }

        @Override
        String description() {
            return "Amazon Corretto Crypto Provider " + AmazonCorrettoCryptoProvider.INSTANCE.getVersionStr();
        }

        @Override
        void check() throws GeneralSecurityException {
            Throwable failure = AmazonCorrettoCryptoProvider.INSTANCE.getLoadingError();
            if (failure != null) {
                throw new GeneralSecurityException(failure);
            }
            AmazonCorrettoCryptoProvider.INSTANCE.assertHealthy();
        }
    },

    /** The providers of the JDK itself. */
    JDK {
        @Override
        Cipher cipher(String transformation) throws GeneralSecurityException {
            return Cipher.getInstance(transformation, installed("SunJCE"));
        }

        @Override
        Mac mac(String algorithm) throws GeneralSecurityException {
            return Mac.getInstance(algorithm, installed("SunJCE"));
        }

        @Override
        MessageDigest digest(String algorithm) throws GeneralSecurityException {
            return MessageDigest.getInstance(algorithm, installed("SUN"));
        }

        @Override
        SecureRandom secureRandom() {
            return new SecureRandom();
        }

        @Override
        String description() {
            return "JDK " + Runtime.version();
        }

        @Override
        void check() throws GeneralSecurityException {
            installed("SunJCE");
            installed("SUN");
        }
    };

    abstract Cipher cipher(String transformation) throws GeneralSecurityException;

    abstract Mac mac(String algorithm) throws GeneralSecurityException;

    abstract MessageDigest digest(String algorithm) throws GeneralSecurityException;

    abstract SecureRandom secureRandom() throws GeneralSecurityException;

    /** Name and version, for the log. */
    abstract String description();

    /** Throws, or fails to link, where this provider cannot work. */
    abstract void check() throws GeneralSecurityException;

    private static Provider installed(String name) throws GeneralSecurityException {
        Provider provider = Security.getProvider(name);
        if (provider == null) {
            throw new GeneralSecurityException("the JDK's provider " + name + " is not installed");
        }
        return provider;
    }
}

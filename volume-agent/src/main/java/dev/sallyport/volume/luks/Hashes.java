package dev.sallyport.volume.luks;

import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;

/** Hash functions by the names that LUKS2 metadata uses. */
final class Hashes {
    private Hashes() {}

    static Digest byName(String name) {
        return switch (name) {
            case "sha1" -> new SHA1Digest();
            case "sha256" -> SHA256Digest.newInstance();
            case "sha512" -> new SHA512Digest();
            default -> throw new LuksException("hash '" + Json.printable(name) + "' is not supported");
        };
    }
}

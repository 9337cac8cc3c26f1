package dev.sallyport.kms.crypto;

import java.security.MessageDigest;

/** Comparison whose time depends on the lengths only. */
public final class ConstantTime {
    private ConstantTime() {}

    /** Whether both hold the same bytes. */
    public static boolean equals(byte[] left, byte[] right) {
        return MessageDigest.isEqual(left, right);
    }
}

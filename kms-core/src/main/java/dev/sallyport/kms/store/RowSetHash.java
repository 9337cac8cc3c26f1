package dev.sallyport.kms.store;

import java.util.Arrays;

/**
 * An additive multiset hash: the sum, modulo 2<sup>512</sup>, of a keyed hash of every row (MSet-Add-Hash of Clarke, Devadas,
 * van Dijk, Gassend and Suh, "Incremental Multiset Hash Functions", ASIACRYPT 2003). Adding and removing a row cost one
 * addition, whatever the size of the set. The sum itself is only stored sealed, so nobody without the key learns a row's
 * share of it.
 */
final class RowSetHash {
    static final int LENGTH = 64;

    private final byte[] sum;

    RowSetHash() {
        this(new byte[LENGTH]);
    }

    RowSetHash(byte[] sum) {
        if (sum.length != LENGTH) {
            throw new IllegalArgumentException("the hash has 64 bytes");
        }
        this.sum = sum.clone();
    }

    void add(byte[] element) {
        int carry = 0;
        for (int i = LENGTH - 1; i >= 0; i--) {
            int digit = (sum[i] & 0xff) + (element[i] & 0xff) + carry;
            sum[i] = (byte) digit;
            carry = digit >>> 8;
        }
    }

    void remove(byte[] element) {
        int borrow = 0;
        for (int i = LENGTH - 1; i >= 0; i--) {
            int digit = (sum[i] & 0xff) - (element[i] & 0xff) - borrow;
            sum[i] = (byte) digit;
            borrow = digit < 0 ? 1 : 0;
        }
    }

    byte[] bytes() {
        return sum.clone();
    }

    RowSetHash copy() {
        return new RowSetHash(sum);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RowSetHash hash && Arrays.equals(sum, hash.sum);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sum);
    }
}

package dev.sallyport.gateway.object;

import dev.sallyport.gateway.format.ContentFacts;
import dev.sallyport.gateway.format.Id128;
import dev.sallyport.gateway.format.SizeFormula;
import dev.sallyport.gateway.format.Tail;
import dev.sallyport.kms.envelope.Sealer;

/** A single object in memory, sealed at once. */
public final class SingleObject {
    private SingleObject() {}

    /** Segments and tail of {@code plain}, which is not empty. */
    public static byte[] seal(byte[] plain, Id128 nonce, SealingKey key, ContentFacts facts) {
        byte[] tail = Tail.sealFacts(key.dataKey(), key.keys(), facts, plain.length);
        int segments = Math.toIntExact(SizeFormula.segmentsSize(plain.length));
        byte[] stored = new byte[segments + tail.length];
        try (Sealer sealer = key.keys().sealer(key.dataKey(), 0, nonce)) {
            int out = 0;
            for (int at = 0; at < plain.length; at += SizeFormula.SEGMENT) {
                int count = Math.min(SizeFormula.SEGMENT, plain.length - at);
                out += sealer.seal(plain, at, count, at + count == plain.length, stored, out);
            }
        }
        System.arraycopy(tail, 0, stored, segments, tail.length);
        return stored;
    }
}

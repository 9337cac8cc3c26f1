package dev.sallyport.volume.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes on the command line: bytes, or with K, M, G or T for powers of 1,024. */
final class Sizes implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
        int shift = text.isEmpty() ? -1 : "KMGT".indexOf(Character.toUpperCase(text.charAt(text.length() - 1)));
        String digits = shift < 0 ? text : text.substring(0, text.length() - 1);
        if (!digits.matches("\\d{1,16}")) {
            throw new TypeConversionException("a size such as 20G, 512M or a number of bytes");
        }
        try {
            return Math.multiplyExact(Long.parseLong(digits), 1L << (10 * (shift + 1)));
        } catch (ArithmeticException e) {
            throw new TypeConversionException("the size is too large");
        }
    }
}

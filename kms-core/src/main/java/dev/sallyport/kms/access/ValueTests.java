package dev.sallyport.kms.access;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compiles the values of conditions, one way a family of operators. A request's value of the wrong form meets nothing. */
final class ValueTests {
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,20}(\\.[0-9]{1,10})?");
    private static final Pattern ADDRESS = Pattern.compile("[0-9A-Fa-f:.]{2,45}");
    private static final Pattern DOTTED = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final int ARN_PARTS = 6;

    private ValueTests() {}

    /**
     * Compiles one value.
     *
     * @param variables whether policy variables are special
     * @throws MalformedPolicyException when the operator cannot compare with such a value
     */
    static ValueTest compile(ConditionOperator operator, String value, boolean variables) {
        return switch (operator) {
            case STRING_EQUALS, STRING_NOT_EQUALS -> text(value, false, variables, false);
            case STRING_EQUALS_IGNORE_CASE, STRING_NOT_EQUALS_IGNORE_CASE -> text(value, false, variables, true);
            case STRING_LIKE, STRING_NOT_LIKE -> text(value, true, variables, false);
            case NUMERIC_EQUALS, NUMERIC_NOT_EQUALS -> number(value, order -> order == 0);
            case NUMERIC_LESS_THAN -> number(value, order -> order < 0);
            case NUMERIC_LESS_THAN_EQUALS -> number(value, order -> order <= 0);
            case NUMERIC_GREATER_THAN -> number(value, order -> order > 0);
            case NUMERIC_GREATER_THAN_EQUALS -> number(value, order -> order >= 0);
            case DATE_EQUALS, DATE_NOT_EQUALS -> date(value, order -> order == 0);
            case DATE_LESS_THAN -> date(value, order -> order < 0);
            case DATE_LESS_THAN_EQUALS -> date(value, order -> order <= 0);
            case DATE_GREATER_THAN -> date(value, order -> order > 0);
            case DATE_GREATER_THAN_EQUALS -> date(value, order -> order >= 0);
            case BOOL, NULL -> bool(value);
            case BINARY_EQUALS -> binary(value);
            case IP_ADDRESS, NOT_IP_ADDRESS -> address(value);
            case ARN_EQUALS, ARN_NOT_EQUALS, ARN_LIKE, ARN_NOT_LIKE -> arn(value, variables);
        };
    }

    private static ValueTest text(String value, boolean wildcards, boolean variables, boolean ignoreCase) {
        return new GlobTest(Glob.compile(value, wildcards, variables, ignoreCase));
    }

    private record GlobTest(Glob glob) implements ValueTest {
        @Override
        public boolean test(String value, RequestValues request) {
            return glob.matches(value, request);
        }

        @Override
        public boolean resolvable(RequestValues request) {
            return glob.resolvable(request);
        }
    }

    private static ValueTest number(String value, IntPredicate order) {
        BigDecimal bound = parseNumber(value);
        if (bound == null) {
            throw new MalformedPolicyException("Not a number in a Numeric condition: " + value);
        }
        return (actual, request) -> {
            BigDecimal number = parseNumber(actual);
            return number != null && order.test(number.compareTo(bound));
        };
    }

    private static @Nullable BigDecimal parseNumber(String text) {
        return NUMBER.matcher(text).matches() ? new BigDecimal(text) : null;
    }

    private static ValueTest date(String value, IntPredicate order) {
        Instant bound = parseDate(value);
        if (bound == null) {
            throw new MalformedPolicyException("Not a date in a Date condition: " + value);
        }
        return (actual, request) -> {
            Instant date = parseDate(actual);
            return date != null && order.test(date.compareTo(bound));
        };
    }

    /** The W3C profile of ISO 8601 with a zone, a day alone (its start in UTC), or seconds since the epoch. */
    private static @Nullable Instant parseDate(String text) {
        try {
            if (text.indexOf('-') < 1 && NUMBER.matcher(text).matches()) {
                return Instant.ofEpochSecond(new BigDecimal(text).longValue());
            }
            if (text.length() == 10) {
                return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
            }
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static ValueTest bool(String value) {
        String wanted = value.toLowerCase(Locale.ROOT);
        if (!wanted.equals("true") && !wanted.equals("false")) {
            throw new MalformedPolicyException("Neither true nor false in a condition: " + value);
        }
        return (actual, request) -> wanted.equalsIgnoreCase(actual);
    }

    private static ValueTest binary(String value) {
        byte[] wanted = decode(value);
        if (wanted == null) {
            throw new MalformedPolicyException("Not base64 in a BinaryEquals condition: " + value);
        }
        return (actual, request) -> Arrays.equals(wanted, decode(actual));
    }

    private static byte @Nullable [] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static ValueTest address(String value) {
        int slash = value.indexOf('/');
        byte[] network = parseAddress(slash < 0 ? value : value.substring(0, slash));
        if (network == null) {
            throw new MalformedPolicyException("Not an address or CIDR block in an IpAddress condition: " + value);
        }
        int bits = slash < 0 ? network.length * 8 : parsePrefix(value.substring(slash + 1));
        if (bits < 0 || bits > network.length * 8) {
            throw new MalformedPolicyException("Not an address or CIDR block in an IpAddress condition: " + value);
        }
        return (actual, request) -> {
            byte[] address = parseAddress(actual);
            return address != null && inNetwork(address, network, bits);
        };
    }

    private static int parsePrefix(String text) {
        return text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : -1;
    }

    /** Never a name: nothing here asks a resolver. An IPv4-mapped IPv6 address is its IPv4 address. */
    private static byte @Nullable [] parseAddress(String text) {
        if (!ADDRESS.matcher(text).matches()) {
            return null;
        }
        if (text.indexOf(':') < 0 && !DOTTED.matcher(text).matches()) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(text).getAddress();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean inNetwork(byte[] address, byte[] network, int bits) {
        if (address.length != network.length) {
            return false;
        }
        int whole = bits / 8;
        if (!Arrays.equals(address, 0, whole, network, 0, whole)) {
            return false;
        }
        int rest = bits % 8;
        return rest == 0 || ((address[whole] ^ network[whole]) & (0xff << (8 - rest)) & 0xff) == 0;
    }

    /** Each of the six parts of an ARN is compared by itself, so that a wildcard cannot reach across a colon. */
    private static ValueTest arn(String value, boolean variables) {
        if (value.equals("*")) {
            return (actual, request) -> true;
        }
        String[] parts = splitArn(value, variables);
        if (parts.length != ARN_PARTS) {
            throw new MalformedPolicyException("Not an ARN in an Arn condition: " + value);
        }
        List<Glob> globs = new ArrayList<>();
        for (String part : parts) {
            globs.add(Glob.compile(part, true, variables, false));
        }
        return new ArnTest(globs);
    }

    /** Splits at colons, but not inside a policy variable. */
    private static String[] splitArn(String arn, boolean variables) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < arn.length() && parts.size() < ARN_PARTS - 1; i++) {
            if (variables && arn.startsWith("${", i)) {
                int end = arn.indexOf('}', i);
                i = end < 0 ? arn.length() : end;
            } else if (arn.charAt(i) == ':') {
                parts.add(arn.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(arn.substring(start));
        return parts.toArray(String[]::new);
    }

    private record ArnTest(List<Glob> parts) implements ValueTest {
        @Override
        public boolean test(String value, RequestValues request) {
            String[] actual = splitArn(value, false);
            if (actual.length != ARN_PARTS) {
                return false;
            }
            for (int i = 0; i < ARN_PARTS; i++) {
                if (!parts.get(i).matches(actual[i], request)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public boolean resolvable(RequestValues request) {
            return parts.stream().allMatch(part -> part.resolvable(request));
        }
    }
}

package dev.sallyport.kms.service;

import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.access.KeyPolicies;
import dev.sallyport.kms.access.MalformedPolicyException;
import dev.sallyport.kms.access.PolicyDocument;
import dev.sallyport.kms.access.PolicyKind;
import java.time.Clock;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rules of the API that no length or pattern of its model expresses. */
final class Checks {
    static final int MAX_TAGS = 50;
    private static final Pattern TAG_TEXT = Pattern.compile("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");

    private Checks() {}

    static void tags(List<Tag> tags) {
        if (tags.size() > MAX_TAGS) {
            throw tooManyTags();
        }
        Set<String> keys = new HashSet<>();
        for (Tag tag : tags) {
            tagKey(tag.tagKey());
            if (!TAG_TEXT.matcher(tag.tagValue()).matches()) {
                throw new KmsException(Code.TAG, "Invalid tag value");
            }
            if (!keys.add(tag.tagKey())) {
                throw new KmsException(Code.TAG, "Duplicate tag keys");
            }
        }
    }

    static void tagKey(String key) {
        if (key.toLowerCase(Locale.ROOT).startsWith("aws:")) {
            throw new KmsException(Code.TAG, "Tags beginning with aws: are reserved");
        }
        if (!TAG_TEXT.matcher(key).matches()) {
            throw new KmsException(Code.TAG, "Invalid tag key");
        }
    }

    static KmsException tooManyTags() {
        return new KmsException(Code.TAG, "Too many tags");
    }

    /** A key policy that parses and, unless the caller says otherwise, lets the caller change it again. */
    static void keyPolicy(
            String json, CallContext call, String keyArn, boolean bypassLockoutCheck, InstantSource clock) {
        PolicyDocument policy;
        try {
            policy = PolicyDocument.parse(json, PolicyKind.KEY);
        } catch (MalformedPolicyException e) {
            throw new KmsException(Code.MALFORMED_POLICY, e.getMessage());
        }
        if (!bypassLockoutCheck
                && !KeyPolicies.keepsManageable(
                        policy, call.caller(), keyArn, Clock.fixed(clock.instant(), ZoneOffset.UTC))) {
            throw new KmsException(Code.MALFORMED_POLICY, KeyPolicies.LOCKOUT_MESSAGE);
        }
    }

    /** The page size of a listing whose own limit is smaller than the model's. */
    static int limit(@Nullable Integer given, int fallback, int max) {
        if (given == null) {
            return fallback;
        }
        if (given > max) {
            throw new KmsException(
                    Code.VALIDATION,
                    "1 validation error detected: Value '" + given
                            + "' at 'limit' failed to satisfy constraint: Member must have value less than or equal to "
                            + max);
        }
        return given;
    }

    static KmsException validation(String message) {
        return new KmsException(Code.VALIDATION, message);
    }

    static KmsException unsupported(String message) {
        return new KmsException(Code.UNSUPPORTED_OPERATION, message);
    }
}

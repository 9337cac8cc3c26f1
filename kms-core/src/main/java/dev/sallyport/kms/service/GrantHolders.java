package dev.sallyport.kms.service;

import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.access.AccessEvaluator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From the ARNs that requests about grants name to the principals behind them, and back. */
final class GrantHolders {
    private static final Pattern ARN = Pattern.compile("arn:aws:(?:iam|sts)::([0-9]{12}):(.+)");
    private static final String ROOT = "root";

    private final AccessEvaluator evaluator;

    GrantHolders(AccessEvaluator evaluator) {
        this.evaluator = evaluator;
    }

    /**
     * The principal of this ARN: a user that exists, or the caller's account.
     *
     * @throws KmsException {@code InvalidArnException}
     */
    GrantRecord.Holder require(Call call, String arn) {
        return find(call, arn)
                .orElseThrow(
                        () -> new KmsException(Code.INVALID_ARN, "ARN does not refer to a valid principal: " + arn));
    }

    /**
     * The principal of this ARN; empty when there is none.
     *
     * @throws KmsException {@code InvalidArnException} for what is no ARN of a principal
     */
    Optional<GrantRecord.Holder> find(Call call, String arn) {
        Matcher parts = ARN.matcher(arn);
        if (!parts.matches()) {
            throw new KmsException(Code.INVALID_ARN, "Invalid arn " + arn);
        }
        if (parts.group(2).equals(ROOT)) {
            return parts.group(1).equals(call.accountId())
                    ? Optional.of(new GrantRecord.Holder(arn, call.accountId()))
                    : Optional.empty();
        }
        return evaluator.principalId(arn).map(id -> new GrantRecord.Holder(arn, id));
    }

    /** How the API shows a holder: by the ARN while it leads to the same principal, then by the unique id. */
    String shown(GrantRecord.Holder holder) {
        boolean present = holder.arn().endsWith(":" + ROOT)
                || evaluator
                        .principalId(holder.arn())
                        .filter(holder.id()::equals)
                        .isPresent();
        return present ? holder.arn() : holder.id();
    }
}

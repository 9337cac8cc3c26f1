package dev.sallyport.gateway;

import dev.sallyport.gateway.config.RemoteKmsConfig;
import dev.sallyport.gateway.config.RemoteKmsCredentials;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.Caller;
import dev.sallyport.kms.KeyDescription;
import dev.sallyport.kms.Kms;
import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import dev.sallyport.kms.access.AccessDecision;
import dev.sallyport.kms.access.AccessEvaluator;
import dev.sallyport.kms.access.AccessRequest;
import dev.sallyport.kms.audit.AuditLog;
import dev.sallyport.kms.remote.CallerPolicies;
import dev.sallyport.kms.remote.RemoteKms;
import dev.sallyport.kms.remote.RemoteKmsOptions;
import dev.sallyport.kms.service.AuditedKms;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Keys that another KMS keeps. The gateway evaluates its own callers' identity policies and writes their audit events; key
 * policies, grants and states are the other's. Now and then it is asked for the default key, to tell whether it answers.
 */
final class RemoteKeys implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteKeys.class);
    private static final Duration WELL = Duration.ofSeconds(10);
    private static final Duration ILL = Duration.ofSeconds(1);

    private final RemoteKmsConfig config;
    private final RemoteKms remote;
    private final RemoteKms probe;
    private final Kms kms;
    private final Thread thread = Thread.ofVirtual().name("kms-health").unstarted(this::watch);
    private volatile @Nullable String problem = "not asked yet";

    /** @throws IOException with one line: a credential's file that cannot be read */
    RemoteKeys(RemoteKmsConfig config, AccessEvaluator evaluator, AuditLog audit, Clock clock) throws IOException {
        this.config = config;
        AwsCredentialsProvider credentials = RemoteKmsCredentials.of(config);
        RemoteKmsOptions options = new RemoteKmsOptions(config.endpoint(), config.region(), config.timeout());
        remote = RemoteKms.connect(options, policies(evaluator), credentials);
        probe = RemoteKms.connect(options, CallerPolicies.NONE, credentials);
        kms = new AuditedKms(remote, audit, clock);
    }

    /** For the gateway's own callers. */
    Kms kms() {
        return kms;
    }

    void start() {
        thread.start();
    }

    /** Null while the remote KMS answers. */
    @Nullable String problem() {
        return problem;
    }

    static CallerPolicies policies(AccessEvaluator evaluator) {
        return (call, action, keyArn, context) -> {
            // S3 wraps an existing data key for a copy's new name; its callers need what they need to write an object
            boolean forCopy = action.equals("kms:Encrypt") && call.viaService() != null;
            AccessRequest request = AccessRequest.of(call, forCopy ? "kms:GenerateDataKey" : action, keyArn)
                    .with(context)
                    .with("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
            AccessDecision decision = evaluator.evaluate(request);
            if (!decision.allowed()) {
                throw new KmsException(Code.ACCESS_DENIED, decision.message(request));
            }
        };
    }

    private void watch() {
        while (true) {
            String now = ask();
            String before = problem;
            problem = now;
            if (now != null && !now.equals(before)) {
                LOG.warn("the remote KMS at {}: {}", config.where(), now);
            } else if (now == null && before != null) {
                LOG.info("the remote KMS at {} answers", config.where());
            }
            try {
                Thread.sleep(now == null ? WELL : ILL);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private @Nullable String ask() {
        CallContext call = new CallContext(
                new Caller("", "000000000000", "", "sallyport", null, null),
                config.region(),
                "health",
                "127.0.0.1",
                "sallyport",
                false,
                null,
                null,
                null,
                List.of());
        try {
            KeyDescription key = probe.describeKey(call, config.defaultKey());
            return key.awsManaged() ? "kms.remote.defaultKey is managed by AWS; name a customer-managed key" : null;
        } catch (KmsException e) {
            // who may use a key need not be allowed to describe it
            return e.code() == Code.ACCESS_DENIED ? null : text(e);
        } catch (RuntimeException e) {
            LOG.debug("health of the remote KMS", e);
            return "it cannot be asked";
        }
    }

    private static String text(KmsException e) {
        return RemoteKms.isOutage(e) ? e.getMessage() : "kms.remote.defaultKey: " + e.getMessage();
    }

    @Override
    public void close() {
        thread.interrupt();
        remote.close();
        probe.close();
    }
}

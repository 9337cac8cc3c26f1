package dev.sallyport.gateway;

import dev.sallyport.gateway.admin.Metrics;
import dev.sallyport.gateway.auth.AuthException;
import dev.sallyport.gateway.auth.AwsService;
import dev.sallyport.gateway.auth.SigV4Verifier;
import dev.sallyport.gateway.auth.VerifiedRequest;
import dev.sallyport.gateway.http.BodyTooLargeException;
import dev.sallyport.gateway.http.Exchange;
import dev.sallyport.gateway.http.RequestHandler;
import dev.sallyport.gateway.kmsapi.KmsEndpoint;
import dev.sallyport.gateway.kmsapi.Reply;
import dev.sallyport.gateway.kmsapi.StsEndpoint;
import dev.sallyport.gateway.s3.S3Exception;
import dev.sallyport.gateway.service.S3ErrorResponder;
import dev.sallyport.gateway.service.S3Service;
import dev.sallyport.kms.CallContext;
import dev.sallyport.kms.audit.FailureSampler;
import dev.sallyport.kms.service.Operation;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listener for S3, KMS and STS: finds the service that a request is signed for, authenticates, and hands it on. */
final class RequestRouter implements RequestHandler {
    private static final Logger LOG = LoggerFactory.getLogger(RequestRouter.class);
    private static final int MAX_USER_AGENT = 1024;

    private final SigV4Verifier verifier;
    private final S3Service s3;
    private final KmsEndpoint kms;
    private final Metrics metrics;
    private final BodyMemory bodies = new BodyMemory();
    private final FailureSampler failures = new FailureSampler(20, Duration.ofSeconds(1));

    RequestRouter(SigV4Verifier verifier, S3Service s3, KmsEndpoint kms, Metrics metrics) {
        this.verifier = verifier;
        this.s3 = s3;
        this.kms = kms;
        this.metrics = metrics;
    }

    @Override
    public void handle(Exchange exchange) {
        switch (SigV4Verifier.serviceOf(exchange)) {
            case S3 -> s3(exchange);
            case KMS -> kms(exchange);
            case STS -> sts(exchange);
        }
    }

    private void s3(Exchange exchange) {
        switch (exchange.method()) {
            case "GET", "HEAD", "PUT", "POST", "DELETE" -> {}
            case "OPTIONS" -> {
                // a preflight is anonymous by nature; no bucket has a CORS configuration here
                S3ErrorResponder.respond(
                        exchange,
                        new S3Exception(403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket."));
                return;
            }
            default -> {
                S3ErrorResponder.respond(
                        exchange,
                        new S3Exception(
                                405,
                                "MethodNotAllowed",
                                "The specified method is not allowed against this resource.",
                                Map.of("Method", exchange.method())));
                return;
            }
        }
        VerifiedRequest verified;
        try {
            verified = verifier.verifyS3(exchange);
        } catch (AuthException e) {
            refused(exchange, e);
            S3ErrorResponder.respond(exchange, new S3Exception(e.status(), e.code(), e.getMessage(), e.details()));
            return;
        }
        exchange.notes().principal(verified.caller().arn());
        s3.handle(exchange, verified);
    }

    private void kms(Exchange exchange) {
        String requestId = newRequestId();
        String target = exchange.headers().get("X-Amz-Target");
        exchange.notes().operation(kmsOperation(target));
        try {
            answer(exchange, kmsReply(exchange, target, requestId));
        } catch (BodyMemory.FullException e) {
            answer(exchange, KmsEndpoint.error(requestId, 400, "ThrottlingException", "Rate exceeded"));
        } catch (AuthException e) {
            refused(exchange, e);
            answer(exchange, KmsEndpoint.error(requestId, e.status(), e.code(), e.getMessage()));
        } catch (BodyTooLargeException e) {
            answer(
                    exchange,
                    KmsEndpoint.error(requestId, 413, "RequestEntityTooLargeException", "Request is too large"));
        } catch (S3Exception e) {
            // the HTTP layer's word for a body that did not come to its end
            answer(exchange, KmsEndpoint.error(requestId, 400, "SerializationException", e.getMessage()));
        }
    }

    private void sts(Exchange exchange) {
        String requestId = newRequestId();
        exchange.notes().operation("sts");
        try {
            answer(exchange, stsReply(exchange, requestId));
        } catch (BodyMemory.FullException e) {
            answer(exchange, StsEndpoint.error(requestId, 400, "Throttling", "Rate exceeded"));
        } catch (AuthException e) {
            refused(exchange, e);
            answer(exchange, StsEndpoint.error(requestId, e.status(), e.code(), e.getMessage()));
        } catch (BodyTooLargeException e) {
            answer(exchange, StsEndpoint.error(requestId, 413, "RequestEntityTooLarge", "Request is too large"));
        } catch (S3Exception e) {
            answer(exchange, StsEndpoint.error(requestId, 400, "MalformedInput", e.getMessage()));
        }
    }

    private Reply kmsReply(Exchange exchange, @Nullable String target, String requestId) {
        verifier.verifyClaim(exchange, AwsService.KMS);
        try (BodyMemory.Room room = bodies.reserve(exchange, KmsEndpoint.MAX_BODY)) {
            byte[] body = exchange.readBody(KmsEndpoint.MAX_BODY);
            VerifiedRequest verified = verifier.verify(exchange, AwsService.KMS, body);
            exchange.notes().principal(verified.caller().arn());
            return kms.handle(context(exchange, verified, requestId), target, body);
        }
    }

    private Reply stsReply(Exchange exchange, String requestId) {
        verifier.verifyClaim(exchange, AwsService.STS);
        try (BodyMemory.Room room = bodies.reserve(exchange, StsEndpoint.MAX_BODY)) {
            byte[] body = exchange.readBody(StsEndpoint.MAX_BODY);
            VerifiedRequest verified = verifier.verify(exchange, AwsService.STS, body);
            exchange.notes().principal(verified.caller().arn());
            String target = exchange.rawTarget();
            int question = target.indexOf('?');
            byte[] form = exchange.method().equals("GET")
                    ? withoutSignature(question < 0 ? "" : target.substring(question + 1))
                    : body;
            return StsEndpoint.handle(verified.caller(), requestId, form);
        }
    }

    private void refused(Exchange exchange, AuthException e) {
        exchange.notes().errorCode(e.code());
        metrics.authenticationFailed(e.service().scopeName(), e.code());
        failures.failed(unlogged -> LOG.info(
                "request {} from {} was not authenticated: {} ({} more were not logged)",
                exchange.requestId(),
                exchange.remote().getHostString(),
                e.code(),
                unlogged));
    }

    /** A UUID, as AWS's are. It only names a request, so it need not be unpredictable. */
    private static String newRequestId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = (random.nextLong() & ~0xF000L) | 0x4000L;
        long low = (random.nextLong() >>> 2) | Long.MIN_VALUE;
        return new UUID(high, low).toString();
    }

    private static void answer(Exchange exchange, Reply reply) {
        HttpHeaders headers = new DefaultHttpHeaders();
        reply.headers().forEach(headers::set);
        if (reply.status() >= 400 && exchange.notes().errorCode() == null) {
            String code = errorCode(new String(reply.body(), StandardCharsets.UTF_8));
            if (code != null) {
                exchange.notes().errorCode(code);
            }
        }
        exchange.respond(reply.status(), headers, reply.body());
    }

    /** From {@code {"__type":"…"}} or {@code <Code>…</Code>}. */
    private static @Nullable String errorCode(String body) {
        for (String mark : List.of("\"__type\":\"", "<Code>")) {
            int at = body.indexOf(mark);
            if (at >= 0) {
                int from = at + mark.length();
                int to = from;
                while (to < body.length() && Character.isLetterOrDigit(body.charAt(to))) {
                    to++;
                }
                return body.substring(from, to);
            }
        }
        return null;
    }

    private static String kmsOperation(@Nullable String target) {
        String name = target == null ? "" : target.substring(target.indexOf('.') + 1);
        return Operation.of(name) == null ? "kms:unknown" : "kms:" + name;
    }

    /** A presigned GET's own parameters are no fields of its form. */
    private static byte[] withoutSignature(String query) {
        StringBuilder form = new StringBuilder();
        for (String pair : query.split("&", -1)) {
            if (!pair.startsWith("X-Amz-")) {
                form.append(form.isEmpty() ? "" : "&").append(pair);
            }
        }
        return form.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static CallContext context(Exchange exchange, VerifiedRequest verified, String requestId) {
        String agent = exchange.headers().get("User-Agent");
        String shown = agent == null ? "-" : agent.substring(0, Math.min(agent.length(), MAX_USER_AGENT));
        InetAddress address = exchange.remote().getAddress();
        return new CallContext(
                verified.caller(),
                verified.region(),
                requestId,
                address == null ? exchange.remote().getHostString() : address.getHostAddress(),
                shown,
                exchange.secure(),
                exchange.tlsVersion(),
                exchange.tlsCipher(),
                null,
                List.of());
    }
}

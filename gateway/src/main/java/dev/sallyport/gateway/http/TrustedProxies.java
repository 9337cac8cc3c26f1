package dev.sallyport.gateway.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The proxies whose {@code X-Forwarded-For} and {@code X-Forwarded-Proto} are believed; anybody else's are ignored. The
 * client is the right-most address of the chain that is no trusted proxy.
 */
public final class TrustedProxies {
    /** Nobody is trusted. */
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    private final List<IpSubnetFilterRule> rules;

    private TrustedProxies(List<IpSubnetFilterRule> rules) {
        this.rules = rules;
    }

    /**
     * @param cidrs such as {@code 10.0.0.0/8}, or a single address
     * @throws IllegalArgumentException for anything else
     */
    public static TrustedProxies of(List<String> cidrs) {
        List<IpSubnetFilterRule> rules = new ArrayList<>();
        for (String cidr : cidrs) {
            int slash = cidr.indexOf('/');
            String address = slash < 0 ? cidr : cidr.substring(0, slash);
            byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
            if (bytes == null) {
                throw new IllegalArgumentException("not an address or CIDR: " + cidr);
            }
            int prefix;
            try {
                prefix = slash < 0 ? bytes.length * 8 : Integer.parseInt(cidr.substring(slash + 1));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("not an address or CIDR: " + cidr, e);
            }
            if (prefix < 0 || prefix > bytes.length * 8) {
                throw new IllegalArgumentException("not an address or CIDR: " + cidr);
            }
            rules.add(new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT));
        }
        return new TrustedProxies(List.copyOf(rules));
    }

    InetSocketAddress client(InetSocketAddress peer, HttpHeaders headers) {
        if (!trusts(peer)) {
            return peer;
        }
        List<String> chain = new ArrayList<>();
        for (String value : headers.getAll("X-Forwarded-For")) {
            for (String hop : value.split(",", -1)) {
                chain.add(hop.strip());
            }
        }
        InetSocketAddress client = peer;
        for (int i = chain.size() - 1; i >= 0; i--) {
            InetSocketAddress hop = parse(chain.get(i));
            if (hop == null) {
                break;
            }
            client = hop;
            if (!trusts(hop)) {
                break;
            }
        }
        return client;
    }

    boolean secure(boolean tls, InetSocketAddress peer, HttpHeaders headers) {
        if (tls || !trusts(peer)) {
            return tls;
        }
        // Of several the last is the trusted proxy's own; those before it may be what the client claims.
        List<String> sent = headers.getAll("X-Forwarded-Proto");
        String last = sent.isEmpty() ? "" : sent.getLast();
        return last.substring(last.lastIndexOf(',') + 1).strip().equalsIgnoreCase("https");
    }

    private boolean trusts(InetSocketAddress address) {
        for (IpSubnetFilterRule rule : rules) {
            if (rule.matches(address)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable InetSocketAddress parse(String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null) {
            return null;
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), 0);
        } catch (UnknownHostException e) {
            return null;
        }
    }
}

package dev.sallyport.gateway.config;

import java.nio.file.Path;

/**
 * The server's own certificate.
 *
 * @param certificate the chain in PEM, leaf first
 * @param key the private key in PEM, PKCS#8, not encrypted
 */
public record TlsConfig(Path certificate, Path key) {}

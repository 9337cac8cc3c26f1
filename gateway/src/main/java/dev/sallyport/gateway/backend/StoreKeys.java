package dev.sallyport.gateway.backend;

/**
 * What a store makes of keys. One that keeps objects as files may take two keys for one, so that a write to a key destroys an
 * object of another, and may keep what it takes for a folder as no object at all.
 *
 * @param literal whether keys with empty segments, or those of dots, are keys like others, or refused by the store itself
 * @param folders whether an object whose key ends with a slash is one like others
 */
public record StoreKeys(boolean literal, boolean folders) {}

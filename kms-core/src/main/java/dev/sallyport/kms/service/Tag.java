package dev.sallyport.kms.service;

/** A tag of a key. */
public record Tag(String tagKey, String tagValue) {}

package dev.sallyport.kms.envelope;

/** A master key: what it wraps, it opens. */
public interface MasterKey extends KeyWrapper, KeyUnwrapper {}

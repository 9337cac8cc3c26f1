package dev.sallyport.kms.service;

/** What made a rotation: the schedule, or a request. The names are the API's. */
public enum RotationType {
    AUTOMATIC,
    ON_DEMAND
}

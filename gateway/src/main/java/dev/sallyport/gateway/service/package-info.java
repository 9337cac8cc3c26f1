/** The S3 service: from an authenticated exchange through parsing and authorisation to its operation. */
@NullMarked
package dev.sallyport.gateway.service;

import org.jspecify.annotations.NullMarked;

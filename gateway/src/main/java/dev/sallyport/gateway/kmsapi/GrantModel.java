package dev.sallyport.gateway.kmsapi;

import static dev.sallyport.gateway.kmsapi.Shape.listOf;
import static dev.sallyport.gateway.kmsapi.Shape.oneOf;
import static dev.sallyport.gateway.kmsapi.Shape.optional;
import static dev.sallyport.gateway.kmsapi.Shape.required;
import static dev.sallyport.gateway.kmsapi.Shape.struct;
import static dev.sallyport.gateway.kmsapi.Shape.text;

import dev.sallyport.gateway.kmsapi.Shape.Struct;
import dev.sallyport.kms.service.GrantOperation;
import java.util.Arrays;

/** The input of the operations about grants, as the API's model has it. */
final class GrantModel {
    private static final Shape PRINCIPAL = text(1, 256, "^[\\w+=,.@:/-]+$");
    private static final Shape SERVICE = text(1, 128, "^([A-Za-z0-9\\-]+)\\.([A-Za-z0-9\\-]+)(\\.[A-Za-z0-9\\-]+)+$");
    private static final Shape GRANT_ID = text(1, 128);
    private static final Shape NAME = text(1, 256, "^[a-zA-Z0-9:/_-]+$");
    private static final Shape OPERATIONS = listOf(oneOf(
            Arrays.stream(GrantOperation.values()).map(GrantOperation::wireName).toArray(String[]::new)));
    private static final Shape CONSTRAINTS = struct(
            optional("EncryptionContextSubset", ApiModel.CONTEXT),
            optional("EncryptionContextEquals", ApiModel.CONTEXT),
            optional("SourceArn", text(20, 512, "^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$")));

    static final Struct CREATE_GRANT = struct(
            required("KeyId", ApiModel.KEY_ID),
            optional("GranteePrincipal", PRINCIPAL),
            optional("RetiringPrincipal", PRINCIPAL),
            required("Operations", OPERATIONS),
            optional("Constraints", CONSTRAINTS),
            optional("GrantTokens", ApiModel.GRANT_TOKENS),
            optional("Name", NAME),
            optional("DryRun", ApiModel.BOOL),
            optional("GranteeServicePrincipal", SERVICE),
            optional("RetiringServicePrincipal", SERVICE));
    static final Struct LIST_GRANTS = struct(
            optional("Limit", ApiModel.LIMIT),
            optional("Marker", ApiModel.MARKER),
            required("KeyId", ApiModel.KEY_ID),
            optional("GrantId", GRANT_ID),
            optional("GranteePrincipal", PRINCIPAL),
            optional("GranteeServicePrincipal", SERVICE));
    static final Struct LIST_RETIRABLE_GRANTS = struct(
            optional("Limit", ApiModel.LIMIT),
            optional("Marker", ApiModel.MARKER),
            optional("RetiringPrincipal", PRINCIPAL),
            optional("RetiringServicePrincipal", SERVICE));
    static final Struct RETIRE_GRANT = struct(
            optional("GrantToken", text(1, 8192)),
            optional("KeyId", ApiModel.KEY_ID),
            optional("GrantId", GRANT_ID),
            optional("DryRun", ApiModel.BOOL));
    static final Struct REVOKE_GRANT = struct(
            required("KeyId", ApiModel.KEY_ID), required("GrantId", GRANT_ID), optional("DryRun", ApiModel.BOOL));

    private GrantModel() {}
}

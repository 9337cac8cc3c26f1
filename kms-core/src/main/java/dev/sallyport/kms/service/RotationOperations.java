package dev.sallyport.kms.service;

import dev.sallyport.kms.KmsException;
import dev.sallyport.kms.KmsException.Code;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand and ListKeyRotations. A rotation appends
 * material: what was encrypted before stays readable, since a ciphertext names the material that opens it.
 *
 * @see <a href="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html">Rotate AWS KMS keys</a>
 */
final class RotationOperations {
    private static final int MAX_ON_DEMAND = 25;

    private final KeyAccess access;
    private final KeyChanges changes;
    private final KeyMaterials materials;
    private final Markers markers;
    private final InstantSource clock;

    RotationOperations(
            KeyAccess access, KeyChanges changes, KeyMaterials materials, Markers markers, InstantSource clock) {
        this.access = access;
        this.changes = changes;
        this.materials = materials;
        this.markers = markers;
        this.clock = clock;
    }

    KmsResponse.Empty enableKeyRotation(Call call, KmsRequest.EnableKeyRotation request) {
        int period = request.rotationPeriodInDays() == null
                ? KeyRecord.Rotation.DEFAULT_PERIOD
                : request.rotationPeriodInDays();
        call.parameter("keyId", request.keyId()).parameter("rotationPeriodInDays", period);
        KnownKey key = access.key(
                call, request.keyId(), Conditions.none().with("kms:RotationPeriodInDays", String.valueOf(period)));
        KeyRecord.Rotation rotation = KeyRecord.Rotation.from(Times.now(clock), period);
        changes.change(call, key, now -> now.withRotation(rotation));
        call.responded("keyId", key.key().arn());
        return new KmsResponse.Empty();
    }

    KmsResponse.Empty disableKeyRotation(Call call, KmsRequest.DisableKeyRotation request) {
        call.parameter("keyId", request.keyId());
        KnownKey key = access.key(call, request.keyId(), Conditions.none());
        changes.change(
                call,
                key,
                now -> now.withRotation(
                        new KeyRecord.Rotation(false, now.rotation().periodInDays(), null)));
        call.responded("keyId", key.key().arn());
        return new KmsResponse.Empty();
    }

    KmsResponse.GetKeyRotationStatus getKeyRotationStatus(Call call, KmsRequest.GetKeyRotationStatus request) {
        call.parameter("keyId", request.keyId());
        KeyRecord key = access.key(call, request.keyId(), Conditions.none()).key();
        KeyRecord.Rotation rotation = key.rotation();
        // a key pending deletion is not rotated
        boolean enabled = rotation.enabled() && key.state() != KeyState.PENDING_DELETION;
        return new KmsResponse.GetKeyRotationStatus(
                key.arn(), enabled, enabled ? rotation.periodInDays() : null, enabled ? rotation.nextDate() : null);
    }

    KmsResponse.KeyName rotateKeyOnDemand(Call call, KmsRequest.RotateKeyOnDemand request) {
        call.parameter("keyId", request.keyId());
        KnownKey key = access.key(call, request.keyId(), Conditions.none());
        Instant date = Times.now(clock);
        changes.change(call, key, (rows, now) -> {
            if (now.onDemandRotations() >= MAX_ON_DEMAND) {
                throw new KmsException(
                        Code.LIMIT_EXCEEDED,
                        "The on-demand rotations limit has been reached for the given keyId."
                                + " No more on-demand rotations can be performed for this key: " + now.arn());
            }
            MaterialRecord material = new MaterialRecord(KeyMaterials.newId(), date, RotationType.ON_DEMAND);
            materials.create(rows, now, material.id());
            return now.rotated(material, now.rotation(), now.onDemandRotations() + 1);
        });
        call.responded("keyId", key.key().arn());
        return new KmsResponse.KeyName(key.key().arn());
    }

    KmsResponse.ListKeyRotations listKeyRotations(Call call, KmsRequest.ListKeyRotations request) {
        call.parameter("keyId", request.keyId()).parameter("limit", request.limit());
        KeyRecord key = access.key(call, request.keyId(), Conditions.none()).key();
        int limit = Checks.limit(request.limit(), 100, 1000);
        String subject = key.keyId() + (request.allKeyMaterial() ? "/all" : "/rotations");
        String marker = markers.read(call, subject, request.marker());
        int start = marker == null ? 0 : Integer.parseInt(marker);
        List<KmsResponse.ListKeyRotations.RotationsListEntry> page = new ArrayList<>();
        String next = null;
        for (int i = start; i < key.materials().size(); i++) {
            MaterialRecord material = key.materials().get(i);
            boolean rotated = material.rotationType() != null;
            if (!rotated && !request.allKeyMaterial()) {
                continue;
            }
            if (page.size() == limit) {
                next = markers.make(call, subject, Integer.toString(i));
                break;
            }
            page.add(new KmsResponse.ListKeyRotations.RotationsListEntry(
                    key.arn(),
                    material.id(),
                    material.equals(key.currentMaterial()),
                    rotated ? material.since() : null,
                    material.rotationType()));
        }
        return new KmsResponse.ListKeyRotations(page, next);
    }
}

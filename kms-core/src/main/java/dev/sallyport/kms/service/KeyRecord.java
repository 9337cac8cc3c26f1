package dev.sallyport.kms.service;

import dev.sallyport.kms.KmsException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A KMS key as its row holds it, without its material.
 *
 * @param deletionDate when it is destroyed; null unless pending deletion
 * @param pendingWindowInDays of the scheduled deletion; 0 unless pending deletion
 * @param managedAlias the alias of an AWS-managed key; null for a customer's key
 * @param policy the key policy as it was put
 * @param rotation the yearly (or other) rotation
 * @param onDemandRotations how many rotations were asked for by name
 * @param materials every version of the material, oldest first; the last one encrypts
 */
record KeyRecord(
        String accountId,
        String region,
        String keyId,
        String description,
        Instant creationDate,
        KeyState state,
        @Nullable Instant deletionDate,
        int pendingWindowInDays,
        @Nullable String managedAlias,
        String policy,
        SortedMap<String, String> tags,
        Rotation rotation,
        int onDemandRotations,
        List<MaterialRecord> materials) {

    /**
     * The schedule of a key's rotation.
     *
     * @param periodInDays 90 to 2,560; kept while rotation is off
     * @param nextDate null while rotation is off
     */
    record Rotation(
            boolean enabled, int periodInDays, @Nullable Instant nextDate) {
        static final int DEFAULT_PERIOD = 365;
        static final Rotation OFF = new Rotation(false, DEFAULT_PERIOD, null);

        static Rotation from(Instant start, int periodInDays) {
            return new Rotation(true, periodInDays, start.plus(periodInDays, ChronoUnit.DAYS));
        }
    }

    KeyRecord {
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
        materials = List.copyOf(materials);
        if (materials.isEmpty()) {
            throw new IllegalArgumentException("a key has material");
        }
        if ((state == KeyState.PENDING_DELETION) != (deletionDate != null)) {
            throw new IllegalArgumentException("a deletion date belongs to a key pending deletion, and to no other");
        }
    }

    String arn() {
        return "arn:aws:kms:" + region + ":" + accountId + ":key/" + keyId;
    }

    boolean awsManaged() {
        return managedAlias != null;
    }

    MaterialRecord currentMaterial() {
        return materials.getLast();
    }

    boolean hasMaterial(String materialId) {
        for (MaterialRecord material : materials) {
            if (material.id().equals(materialId)) {
                return true;
            }
        }
        return false;
    }

    /** When maintenance has something to do: a deletion, or the rotation of an enabled key; null for never. */
    @Nullable Instant dueDate() {
        return switch (state) {
            case PENDING_DELETION -> deletionDate;
            case ENABLED -> rotation.nextDate();
            case DISABLED -> null;
        };
    }

    KeyRecord withDescription(String value) {
        return copy(
                value, state, deletionDate, pendingWindowInDays, policy, tags, rotation, onDemandRotations, materials);
    }

    KeyRecord withState(KeyState value) {
        return copy(description, value, null, 0, policy, tags, rotation, onDemandRotations, materials);
    }

    KeyRecord pendingDeletion(Instant date, int windowInDays) {
        return copy(
                description,
                KeyState.PENDING_DELETION,
                date,
                windowInDays,
                policy,
                tags,
                rotation,
                onDemandRotations,
                materials);
    }

    KeyRecord withPolicy(String value) {
        return copy(
                description,
                state,
                deletionDate,
                pendingWindowInDays,
                value,
                tags,
                rotation,
                onDemandRotations,
                materials);
    }

    KeyRecord withTags(Map<String, String> value) {
        return copy(
                description,
                state,
                deletionDate,
                pendingWindowInDays,
                policy,
                new TreeMap<>(value),
                rotation,
                onDemandRotations,
                materials);
    }

    KeyRecord withRotation(Rotation value) {
        return copy(
                description,
                state,
                deletionDate,
                pendingWindowInDays,
                policy,
                tags,
                value,
                onDemandRotations,
                materials);
    }

    KeyRecord rotated(MaterialRecord material, Rotation schedule, int onDemand) {
        List<MaterialRecord> more = new ArrayList<>(materials);
        more.add(material);
        return copy(description, state, deletionDate, pendingWindowInDays, policy, tags, schedule, onDemand, more);
    }

    /** Refuses a key that cannot be used for cryptography, with the exception of its state. */
    void requireEnabled() {
        if (state == KeyState.DISABLED) {
            throw new KmsException(KmsException.Code.DISABLED, arn() + " is disabled.");
        }
        requireNotPendingDeletion();
    }

    void requireNotPendingDeletion() {
        if (state == KeyState.PENDING_DELETION) {
            throw new KmsException(KmsException.Code.INVALID_STATE, arn() + " is pending deletion.");
        }
    }

    private KeyRecord copy(
            String newDescription,
            KeyState newState,
            @Nullable Instant newDeletionDate,
            int newWindow,
            String newPolicy,
            SortedMap<String, String> newTags,
            Rotation newRotation,
            int newOnDemand,
            List<MaterialRecord> newMaterials) {
        return new KeyRecord(
                accountId,
                region,
                keyId,
                newDescription,
                creationDate,
                newState,
                newDeletionDate,
                newWindow,
                managedAlias,
                newPolicy,
                newTags,
                newRotation,
                newOnDemand,
                newMaterials);
    }
}

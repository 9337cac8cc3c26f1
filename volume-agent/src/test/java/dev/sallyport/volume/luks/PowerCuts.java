package dev.sallyport.volume.luks;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What a disk may hold after a power cut: everything that was synced, and of what was written since, any part: nothing, all,
 * some of the writes, and of the last one any whole number of blocks from its start.
 */
final class PowerCuts {
    private static final int RANDOM_SUBSETS = 4;

    private PowerCuts() {}

    /** The beginnings of the disk that can be left by a cut before, between and in the middle of the steps. */
    static List<byte[]> all(byte[] before, List<RecordingChannel.Step> steps, int block, Random random) {
        List<byte[]> left = new ArrayList<>();
        byte[] synced = before;
        List<RecordingChannel.Step> pending = new ArrayList<>();
        left.add(before);
        for (RecordingChannel.Step step : steps) {
            if (step.sync()) {
                synced = apply(synced, pending);
                pending.clear();
                left.add(synced);
                continue;
            }
            byte[] all = apply(synced, pending);
            for (int length = block; length < step.length(); length += block) {
                left.add(step.apply(all, length));
                left.add(step.apply(synced, length));
            }
            pending.add(step);
            left.add(apply(synced, pending));
            for (int i = 0; i < RANDOM_SUBSETS; i++) {
                left.add(apply(
                        synced,
                        pending.stream().filter(any -> random.nextBoolean()).toList()));
            }
        }
        return left;
    }

    /** The disk when every step is done; what was not synced is not there. */
    static byte[] synced(byte[] before, List<RecordingChannel.Step> steps) {
        byte[] synced = before;
        List<RecordingChannel.Step> pending = new ArrayList<>();
        for (RecordingChannel.Step step : steps) {
            if (step.sync()) {
                synced = apply(synced, pending);
                pending.clear();
            } else {
                pending.add(step);
            }
        }
        return synced;
    }

    /** The disk with the beginning of one step only. */
    static byte[] torn(byte[] before, List<RecordingChannel.Step> steps, int index, int length) {
        return steps.get(index).apply(before, length);
    }

    private static byte[] apply(byte[] disk, List<RecordingChannel.Step> steps) {
        byte[] result = disk;
        for (RecordingChannel.Step step : steps) {
            result = step.apply(result, step.length());
        }
        return result;
    }
}

package dev.sallyport.volume.nbd;

import java.util.ArrayList;
import java.util.List;

/**
 * The connections of an export. One that died while requests of it were under way keeps newcomers out until they are
 * through, so that an old write never lands on a successor's.
 */
final class Connections {
    private int departing;
    private int members;
    private final List<Runnable> waiting = new ArrayList<>();

    /** Runs {@code enter} at once, or when the last departed connection's requests are through; on any thread. */
    void join(Runnable enter) {
        synchronized (this) {
            if (departing > 0) {
                waiting.add(enter);
                return;
            }
        }
        enter.run();
    }

    synchronized Member member() {
        members++;
        return new Member();
    }

    synchronized int count() {
        return members;
    }

    /** One connection's requests. Called on its event loop; {@code end} may come after {@code leave}. */
    final class Member {
        private int requests;
        private boolean left;

        void begin() {
            synchronized (Connections.this) {
                requests++;
            }
        }

        void end() {
            List<Runnable> enter = List.of();
            synchronized (Connections.this) {
                requests--;
                if (left && requests == 0) {
                    enter = departed();
                }
            }
            enter.forEach(Runnable::run);
        }

        void leave() {
            synchronized (Connections.this) {
                if (!left) {
                    left = true;
                    members--;
                    if (requests > 0) {
                        departing++;
                    }
                }
            }
        }

        private List<Runnable> departed() {
            departing--;
            if (departing > 0) {
                return List.of();
            }
            List<Runnable> all = List.copyOf(waiting);
            waiting.clear();
            return all;
        }
    }
}

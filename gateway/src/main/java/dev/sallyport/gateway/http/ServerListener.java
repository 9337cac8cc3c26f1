package dev.sallyport.gateway.http;

/** Who wants to know what the server does: the access log, the metrics. Called on event loops, so it must not block. */
public interface ServerListener {
    /** A request is through. */
    void finished(ExchangeSummary summary);

    /** A connection was accepted. */
    default void opened() {}

    /** A connection is gone. */
    default void closed() {}

    /** A connection was refused: the server is full. */
    default void refused() {}

    /** One that tells several, in order. */
    static ServerListener all(ServerListener... listeners) {
        return new ServerListener() {
            @Override
            public void finished(ExchangeSummary summary) {
                for (ServerListener listener : listeners) {
                    listener.finished(summary);
                }
            }

            @Override
            public void opened() {
                for (ServerListener listener : listeners) {
                    listener.opened();
                }
            }

            @Override
            public void closed() {
                for (ServerListener listener : listeners) {
                    listener.closed();
                }
            }

            @Override
            public void refused() {
                for (ServerListener listener : listeners) {
                    listener.refused();
                }
            }
        };
    }
}

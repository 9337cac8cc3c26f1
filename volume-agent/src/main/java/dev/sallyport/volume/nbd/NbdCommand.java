package dev.sallyport.volume.nbd;

/** A request as it came, without its payload. The offset is unsigned. */
sealed interface NbdCommand {
    long cookie();

    /** @param unfragmented DF: the data in one chunk */
    record Read(long cookie, long offset, long length, boolean unfragmented) implements NbdCommand {}

    record Write(long cookie, long offset, long length, boolean fua) implements NbdCommand {}

    record Flush(long cookie) implements NbdCommand {}

    record Trim(long cookie, long offset, long length, boolean fua) implements NbdCommand {}

    record Cache(long cookie, long offset, long length) implements NbdCommand {}

    record WriteZeroes(long cookie, long offset, long length, boolean fua, boolean fast) implements NbdCommand {}

    record BlockStatus(long cookie, long offset, long length, boolean one) implements NbdCommand {}

    record Disconnect(long cookie) implements NbdCommand {}
}

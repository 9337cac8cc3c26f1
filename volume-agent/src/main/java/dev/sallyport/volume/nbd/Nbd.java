package dev.sallyport.volume.nbd;

/**
 * The protocol's numbers.
 *
 * @see <a href="https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md">The NBD protocol</a>
 */
public final class Nbd {
    public static final long MAGIC = 0x4e42444d41474943L;
    public static final long OPTION_MAGIC = 0x49484156454F5054L;
    public static final long OPTION_REPLY_MAGIC = 0x3e889045565a9L;
    public static final int REQUEST_MAGIC = 0x25609513;
    public static final int EXTENDED_REQUEST_MAGIC = 0x21e41c71;
    public static final int SIMPLE_REPLY_MAGIC = 0x67446698;
    public static final int STRUCTURED_REPLY_MAGIC = 0x668e33ef;
    public static final int EXTENDED_REPLY_MAGIC = 0x6e8a278c;

    /** Handshake flags, of both sides. */
    public static final int FIXED_NEWSTYLE = 1;

    public static final int NO_ZEROES = 2;

    public static final int OPT_EXPORT_NAME = 1;
    public static final int OPT_ABORT = 2;
    public static final int OPT_LIST = 3;
    public static final int OPT_STARTTLS = 5;
    public static final int OPT_INFO = 6;
    public static final int OPT_GO = 7;
    public static final int OPT_STRUCTURED_REPLY = 8;
    public static final int OPT_LIST_META_CONTEXT = 9;
    public static final int OPT_SET_META_CONTEXT = 10;
    public static final int OPT_EXTENDED_HEADERS = 11;

    public static final int REP_ACK = 1;
    public static final int REP_SERVER = 2;
    public static final int REP_INFO = 3;
    public static final int REP_META_CONTEXT = 4;
    public static final int REP_ERR_UNSUP = 0x80000001;
    public static final int REP_ERR_POLICY = 0x80000002;
    public static final int REP_ERR_INVALID = 0x80000003;
    public static final int REP_ERR_TLS_REQD = 0x80000005;
    public static final int REP_ERR_UNKNOWN = 0x80000006;
    public static final int REP_ERR_SHUTDOWN = 0x80000007;
    public static final int REP_ERR_TOO_BIG = 0x80000009;
    public static final int REP_ERR_EXT_HEADER_REQD = 0x8000000a;

    public static final int INFO_EXPORT = 0;
    public static final int INFO_NAME = 1;
    public static final int INFO_DESCRIPTION = 2;
    public static final int INFO_BLOCK_SIZE = 3;

    /** Transmission flags. */
    public static final int HAS_FLAGS = 1;

    public static final int READ_ONLY = 1 << 1;
    public static final int SEND_FLUSH = 1 << 2;
    public static final int SEND_FUA = 1 << 3;
    public static final int SEND_TRIM = 1 << 5;
    public static final int SEND_WRITE_ZEROES = 1 << 6;
    public static final int SEND_DF = 1 << 7;
    public static final int CAN_MULTI_CONN = 1 << 8;
    public static final int SEND_CACHE = 1 << 10;
    public static final int SEND_FAST_ZERO = 1 << 11;
    public static final int BLOCK_STATUS_PAYLOAD = 1 << 12;

    public static final int CMD_READ = 0;
    public static final int CMD_WRITE = 1;
    public static final int CMD_DISC = 2;
    public static final int CMD_FLUSH = 3;
    public static final int CMD_TRIM = 4;
    public static final int CMD_CACHE = 5;
    public static final int CMD_WRITE_ZEROES = 6;
    public static final int CMD_BLOCK_STATUS = 7;

    /** Command flags. */
    public static final int FLAG_FUA = 1;

    public static final int FLAG_NO_HOLE = 1 << 1;
    public static final int FLAG_DF = 1 << 2;
    public static final int FLAG_REQ_ONE = 1 << 3;
    public static final int FLAG_FAST_ZERO = 1 << 4;
    public static final int FLAG_PAYLOAD_LEN = 1 << 5;

    public static final int REPLY_FLAG_DONE = 1;
    public static final int REPLY_NONE = 0;
    public static final int REPLY_OFFSET_DATA = 1;
    public static final int REPLY_OFFSET_HOLE = 2;
    public static final int REPLY_BLOCK_STATUS = 5;
    public static final int REPLY_BLOCK_STATUS_EXT = 6;
    public static final int REPLY_ERROR = 0x8001;

    /** Set in every type of an error chunk. */
    public static final int REPLY_ERROR_BIT = 0x8000;

    public static final int EPERM = 1;
    public static final int EIO = 5;
    public static final int ENOMEM = 12;
    public static final int EINVAL = 22;
    public static final int ENOSPC = 28;
    public static final int EOVERFLOW = 75;
    public static final int ENOTSUP = 95;
    public static final int ESHUTDOWN = 108;

    public static final String BASE_ALLOCATION = "base:allocation";

    /** The id that this server gives {@link #BASE_ALLOCATION}. */
    public static final int BASE_ALLOCATION_ID = 1;

    /** {@code base:allocation}: never written; what a read gives is undefined, so the zero bit stays clear. */
    public static final int STATE_HOLE = 1;

    /** {@code base:allocation}: reads as zeros. Never said here. */
    public static final int STATE_ZERO = 1 << 1;

    /** Bytes that a request may carry or ask for; what most servers take. */
    public static final int MAX_PAYLOAD = 32 << 20;

    /** Names and descriptions, in bytes of UTF-8. */
    public static final int MAX_STRING = 4096;

    /** An option's data: a name and a generous list of queries. */
    public static final int MAX_OPTION = 64 * 1024;

    private Nbd() {}
}

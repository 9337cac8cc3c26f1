/*
 * Records what a process does to the files below one directory, so that replay.py can rebuild them as they would be after
 * a power cut: with what was synced, and without (all, or a random part of) what was not. kill -9 alone cannot show that,
 * since the page cache survives it.
 *
 *   cc -shared -fPIC -O2 -o libfaultlayer.so faultlayer.c -ldl
 *   FAULT_ROOT=/dir FAULT_LOG=/elsewhere/log LD_PRELOAD=./libfaultlayer.so program
 *
 * One mutex is held over each operation and its record, so that the log has the order of the operations. Writes by mmap
 * are not seen: nothing here relies on one being durable (SQLite's -shm is rebuilt from the WAL).
 *
 * A record: u8 kind, u32 a, u32 b, u64 offset, u64 length, then `length` bytes (little-endian, no padding).
 *   'C' create or open   a=file id                   payload=path       'W' write      a=file id, offset, payload=data
 *   'T' truncate         a=file id, offset=size                         'S' sync       a=file id
 *   'R' rename           a=length of the first path  payload=from to    'U' unlink     payload=path
 *   'D' sync directory   payload=path                                   'M' mkdir      payload=path
 *   'L' link             a=length of the first path  payload=from to
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FD 65536

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char root[PATH_MAX];
static size_t root_length;
static int log_fd = -1;
static uint32_t file_of[MAX_FD];   /* 0: not ours */
static char *directory_of[MAX_FD]; /* an open directory of ours */

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
    return dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void start(void) {
    const char *r = getenv("FAULT_ROOT"), *l = getenv("FAULT_LOG");
    if (r == NULL || l == NULL || realpath(r, root) == NULL) return;
    root_length = strlen(root);
    int fd = REAL(open)(l, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) return;
    log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 60000 < sysconf(_SC_OPEN_MAX) ? 60000 : 900);
    if (log_fd < 0) log_fd = fd; else REAL(close)(fd);
}

static void put(const void *bytes, size_t length) {
    const char *p = bytes;
    while (length > 0) {
        ssize_t n = REAL(write)(log_fd, p, length);
        if (n <= 0) abort(); /* a log with a gap would prove nothing */
        p += n;
        length -= (size_t)n;
    }
}

static void record2(char kind, uint32_t a, uint64_t offset, const void *p1, uint64_t n1, const void *p2, uint64_t n2) {
    if (log_fd < 0) return;
    unsigned char head[25];
    uint32_t b = 0;
    uint64_t n = n1 + n2;
    head[0] = (unsigned char)kind;
    memcpy(head + 1, &a, 4);
    memcpy(head + 5, &b, 4);
    memcpy(head + 9, &offset, 8);
    memcpy(head + 17, &n, 8);
    put(head, sizeof head);
    if (n1 > 0) put(p1, n1);
    if (n2 > 0) put(p2, n2);
}

static void record(char kind, uint32_t a, uint64_t offset, const void *payload, uint64_t length) {
    record2(kind, a, offset, payload, length, NULL, 0);
}

/* The absolute form of a path, when it lies below the root; the last component need not exist. */
static int ours(int at, const char *path, char *out) {
    if (log_fd < 0 || path == NULL) return 0;
    char full[PATH_MAX * 2], parent[PATH_MAX];
    if (path[0] == '/') {
        snprintf(full, sizeof full, "%s", path);
    } else {
        char base[PATH_MAX];
        if (at == AT_FDCWD) {
            if (getcwd(base, sizeof base) == NULL) return 0;
        } else {
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", at);
            ssize_t n = readlink(link, base, sizeof base - 1);
            if (n < 0) return 0;
            base[n] = 0;
        }
        snprintf(full, sizeof full, "%s/%s", base, path);
    }
    char resolved[PATH_MAX];
    if (realpath(full, resolved) != NULL) {
        snprintf(out, PATH_MAX, "%s", resolved);
    } else {
        char *slash = strrchr(full, '/');
        if (slash == NULL) return 0;
        *slash = 0;
        if (realpath(full[0] ? full : "/", parent) == NULL) return 0;
        if (strlen(parent) + strlen(slash + 1) + 2 > PATH_MAX) return 0;
        strcpy(out, parent);
        strcat(out, "/");
        strcat(out, slash + 1);
    }
    return strncmp(out, root, root_length) == 0 && (out[root_length] == '/' || out[root_length] == 0);
}

/* Inodes name files: a second descriptor of the same file has the same id. */
static uint32_t id_of(int fd) {
    struct stat s;
    if (fstat(fd, &s) != 0) return 0;
    return (uint32_t)s.st_ino;
}

static int opened(int fd, int at, const char *path, int flags) {
    if (fd < 0 || fd >= MAX_FD || log_fd < 0) return fd;
    int saved = errno;
    char full[PATH_MAX];
    file_of[fd] = 0;
    free(directory_of[fd]);
    directory_of[fd] = NULL;
    if (ours(at, path, full)) {
        struct stat s;
        if (fstat(fd, &s) == 0 && S_ISDIR(s.st_mode)) {
            directory_of[fd] = strdup(full);
        } else if (S_ISREG(s.st_mode) && (flags & O_ACCMODE) != O_RDONLY) {
            file_of[fd] = id_of(fd);
            record('C', file_of[fd], 0, full, strlen(full));
            if (flags & O_TRUNC) record('T', file_of[fd], 0, NULL, 0);
        } else if (S_ISREG(s.st_mode)) {
            file_of[fd] = id_of(fd); /* fsync works through a read-only descriptor too */
        }
    }
    errno = saved;
    return fd;
}

#define OPENER(name, AT, PARAMS, ARGS)                                   \
    int name PARAMS {                                                    \
        mode_t mode = 0;                                                 \
        if (flags & (O_CREAT | O_TMPFILE)) {                             \
            va_list v;                                                   \
            va_start(v, flags);                                          \
            mode = va_arg(v, mode_t);                                    \
            va_end(v);                                                   \
        }                                                                \
        pthread_mutex_lock(&lock);                                       \
        int fd = opened(REAL(name) ARGS, AT, path, flags);               \
        pthread_mutex_unlock(&lock);                                     \
        return fd;                                                       \
    }
OPENER(open, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPENER(open64, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPENER(openat, at, (int at, const char *path, int flags, ...), (at, path, flags, mode))
OPENER(openat64, at, (int at, const char *path, int flags, ...), (at, path, flags, mode))

int creat(const char *path, mode_t mode) {
    return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int close(int fd) {
    pthread_mutex_lock(&lock);
    if (fd >= 0 && fd < MAX_FD && fd != log_fd) {
        file_of[fd] = 0;
        free(directory_of[fd]);
        directory_of[fd] = NULL;
    }
    int result = fd == log_fd ? 0 : REAL(close)(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

static int tracked(int fd) {
    return log_fd >= 0 && fd >= 0 && fd < MAX_FD && file_of[fd] != 0;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (!tracked(fd)) return REAL(write)(fd, bytes, length);
    pthread_mutex_lock(&lock);
    ssize_t n = REAL(write)(fd, bytes, length);
    int saved = errno;
    if (n > 0) record('W', file_of[fd], (uint64_t)lseek(fd, 0, SEEK_CUR) - (uint64_t)n, bytes, (uint64_t)n);
    errno = saved;
    pthread_mutex_unlock(&lock);
    return n;
}

#define PWRITE(name, off_type)                                                   \
    ssize_t name(int fd, const void *bytes, size_t length, off_type offset) {    \
        if (!tracked(fd)) return REAL(name)(fd, bytes, length, offset);          \
        pthread_mutex_lock(&lock);                                               \
        ssize_t n = REAL(name)(fd, bytes, length, offset);                       \
        int saved = errno;                                                       \
        if (n > 0) record('W', file_of[fd], (uint64_t)offset, bytes, (uint64_t)n); \
        errno = saved;                                                           \
        pthread_mutex_unlock(&lock);                                             \
        return n;                                                                \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

static void vectors(int fd, const struct iovec *v, int count, uint64_t offset, ssize_t n) {
    for (int i = 0; i < count && n > 0; i++) {
        size_t part = v[i].iov_len < (size_t)n ? v[i].iov_len : (size_t)n;
        if (part > 0) record('W', file_of[fd], offset, v[i].iov_base, part);
        offset += part;
        n -= (ssize_t)part;
    }
}

ssize_t writev(int fd, const struct iovec *v, int count) {
    if (!tracked(fd)) return REAL(writev)(fd, v, count);
    pthread_mutex_lock(&lock);
    ssize_t n = REAL(writev)(fd, v, count);
    int saved = errno;
    if (n > 0) vectors(fd, v, count, (uint64_t)lseek(fd, 0, SEEK_CUR) - (uint64_t)n, n);
    errno = saved;
    pthread_mutex_unlock(&lock);
    return n;
}

#define PWRITEV(name, off_type)                                                  \
    ssize_t name(int fd, const struct iovec *v, int count, off_type offset) {    \
        if (!tracked(fd)) return REAL(name)(fd, v, count, offset);               \
        pthread_mutex_lock(&lock);                                               \
        ssize_t n = REAL(name)(fd, v, count, offset);                            \
        int saved = errno;                                                       \
        if (n > 0) vectors(fd, v, count, (uint64_t)offset, n);                   \
        errno = saved;                                                           \
        pthread_mutex_unlock(&lock);                                             \
        return n;                                                                \
    }
PWRITEV(pwritev, off_t)
PWRITEV(pwritev64, off64_t)

#define FTRUNCATE(name, off_type)                                                \
    int name(int fd, off_type size) {                                            \
        if (!tracked(fd)) return REAL(name)(fd, size);                           \
        pthread_mutex_lock(&lock);                                               \
        int result = REAL(name)(fd, size);                                       \
        int saved = errno;                                                       \
        if (result == 0) record('T', file_of[fd], (uint64_t)size, NULL, 0);      \
        errno = saved;                                                           \
        pthread_mutex_unlock(&lock);                                             \
        return result;                                                           \
    }
FTRUNCATE(ftruncate, off_t)
FTRUNCATE(ftruncate64, off64_t)

#define SYNC(name)                                                               \
    int name(int fd) {                                                           \
        pthread_mutex_lock(&lock);                                               \
        int result = REAL(name)(fd);                                             \
        int saved = errno;                                                       \
        if (result == 0 && tracked(fd)) record('S', file_of[fd], 0, NULL, 0);    \
        else if (result == 0 && fd >= 0 && fd < MAX_FD && directory_of[fd] != NULL) \
            record('D', 0, 0, directory_of[fd], strlen(directory_of[fd]));       \
        errno = saved;                                                           \
        pthread_mutex_unlock(&lock);                                             \
        return result;                                                           \
    }
SYNC(fsync)
SYNC(fdatasync)

static int renamed(int result, int from_ours, const char *from, int to_ours, const char *to, char kind) {
    int saved = errno;
    if (result == 0 && (from_ours || to_ours)) record2(kind, (uint32_t)strlen(from), 0, from, strlen(from), to, strlen(to));
    errno = saved;
    return result;
}

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
    char a[PATH_MAX] = "", b[PATH_MAX] = "";
    pthread_mutex_lock(&lock);
    int x = ours(from_at, from, a), y = ours(to_at, to, b);
    int result = renamed(REAL(renameat2)(from_at, from, to_at, to, flags), x, a, y, b, 'R');
    pthread_mutex_unlock(&lock);
    return result;
}

int renameat(int from_at, const char *from, int to_at, const char *to) {
    char a[PATH_MAX] = "", b[PATH_MAX] = "";
    pthread_mutex_lock(&lock);
    int x = ours(from_at, from, a), y = ours(to_at, to, b);
    int result = renamed(REAL(renameat)(from_at, from, to_at, to), x, a, y, b, 'R');
    pthread_mutex_unlock(&lock);
    return result;
}

int rename(const char *from, const char *to) {
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int link(const char *from, const char *to) {
    char a[PATH_MAX] = "", b[PATH_MAX] = "";
    pthread_mutex_lock(&lock);
    int x = ours(AT_FDCWD, from, a), y = ours(AT_FDCWD, to, b);
    int result = renamed(REAL(link)(from, to), x, a, y, b, 'L');
    pthread_mutex_unlock(&lock);
    return result;
}

int unlinkat(int at, const char *path, int flags) {
    char a[PATH_MAX];
    pthread_mutex_lock(&lock);
    int x = ours(at, path, a);
    int result = REAL(unlinkat)(at, path, flags);
    int saved = errno;
    if (result == 0 && x) record('U', 0, 0, a, strlen(a));
    errno = saved;
    pthread_mutex_unlock(&lock);
    return result;
}

int unlink(const char *path) {
    return unlinkat(AT_FDCWD, path, 0);
}

int remove(const char *path) {
    struct stat s;
    return lstat(path, &s) == 0 && S_ISDIR(s.st_mode) ? unlinkat(AT_FDCWD, path, AT_REMOVEDIR) : unlink(path);
}

int rmdir(const char *path) {
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdir(const char *path, mode_t mode) {
    char a[PATH_MAX];
    pthread_mutex_lock(&lock);
    int x = ours(AT_FDCWD, path, a);
    int result = REAL(mkdir)(path, mode);
    int saved = errno;
    if (result == 0 && x) record('M', 0, 0, a, strlen(a));
    errno = saved;
    pthread_mutex_unlock(&lock);
    return result;
}

// Preloaded into a process: counts its calls that change one folder and what lies below it, tells of each, and dies before one of them.
//   ENGINERY_CHANGES_BELOW=FOLDER  ENGINERY_CHANGES_LOG=FILE  ENGINERY_CHANGES_KILL=N (from 1; none: never)
// A line a call, once the kernel has answered: its number, its name, "ok" or "failed", the path below the folder.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define CLONE_FILE 0x40049409

static char below[PATH_MAX];
static size_t belowLength;
static long killBefore;
static int report = -1;
static atomic_long count;

typedef long (*SystemCall)(long, ...);
static SystemCall realSyscall;

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("ENGINERY_CHANGES_BELOW");
  const char *log = getenv("ENGINERY_CHANGES_LOG");
  const char *at = getenv("ENGINERY_CHANGES_KILL");
  realSyscall = (SystemCall)dlsym(RTLD_NEXT, "syscall");
  if (folder == NULL || strlen(folder) >= sizeof below) return;
  strcpy(below, folder);
  killBefore = at == NULL ? 0 : atol(at);
  if (log != NULL) report = (int)realSyscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  // what this process starts is not counted
  unsetenv("LD_PRELOAD");
  belowLength = strlen(below);
}

static int isBelow(const char *path) {
  return belowLength > 0 && strncmp(path, below, belowLength) == 0 && (path[belowLength] == '/' || path[belowLength] == 0);
}

// The path of what a call works on, or an empty one. A folder's descriptor and a path below it, or a descriptor alone.
static const char *placeOf(char *into, int folder, const char *path) {
  into[0] = 0;
  if (path != NULL && path[0] == '/') {
    if (strlen(path) < PATH_MAX) strcpy(into, path);
    return into;
  }
  char link[64];
  if (folder == AT_FDCWD) strcpy(link, "/proc/self/cwd");
  else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
  ssize_t length = readlink(link, into, PATH_MAX - 1);
  if (length < 0) length = 0;
  into[length] = 0;
  if (path != NULL && path[0] != 0 && length + strlen(path) + 2 < PATH_MAX) {
    into[length] = '/';
    strcpy(into + length + 1, path);
  }
  return into;
}

// Its number; 0 for what lies elsewhere.
static long reach(const char *place) {
  if (!isBelow(place)) return 0;
  long number = atomic_fetch_add(&count, 1) + 1;
  if (number == killBefore) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  return number;
}

static void tell(long number, const char *call, const char *place, long answer) {
  if (number == 0 || report < 0) return;
  int before = errno;
  char line[PATH_MAX + 64];
  const char *path = place + belowLength + (place[belowLength] == '/');
  int length = snprintf(line, sizeof line, "%ld %s %s %s\n", number, call, answer < 0 ? "failed" : "ok", path);
  realSyscall(SYS_write, (long)report, line, (long)length);
  errno = before;
}

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (real == NULL) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define COUNTED(type, call, folder, path, ...) \
  char place[PATH_MAX]; \
  long number = belowLength == 0 ? 0 : reach(placeOf(place, folder, path)); \
  type answer = (type)(__VA_ARGS__); \
  tell(number, call, place, (long)answer); \
  return answer

static int isChange(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; }

#define OPENING(name, call) \
  int name(const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = va_arg(rest, mode_t); \
    va_end(rest); \
    REAL(int, name, const char *, int, ...); \
    if (!isChange(flags)) return real(path, flags, mode); \
    COUNTED(int, call, AT_FDCWD, path, real(path, flags, mode)); \
  }
OPENING(open, "openat")
OPENING(open64, "openat")

#define OPENING_AT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = va_arg(rest, mode_t); \
    va_end(rest); \
    REAL(int, name, int, const char *, int, ...); \
    if (!isChange(flags)) return real(folder, path, flags, mode); \
    COUNTED(int, "openat", folder, path, real(folder, path, flags, mode)); \
  }
OPENING_AT(openat)
OPENING_AT(openat64)

#define ON_FILE(type, name, call, parameters, types, ...) \
  type name parameters { \
    REAL(type, name, types); \
    COUNTED(type, call, file, NULL, real(__VA_ARGS__)); \
  }
#define T(...) __VA_ARGS__
ON_FILE(ssize_t, write, "write", (int file, const void *bytes, size_t length), T(int, const void *, size_t), file, bytes, length)
ON_FILE(ssize_t, pwrite, "pwrite64", (int file, const void *bytes, size_t length, off_t at), T(int, const void *, size_t, off_t), file, bytes, length, at)
ON_FILE(ssize_t, pwrite64, "pwrite64", (int file, const void *bytes, size_t length, off64_t at), T(int, const void *, size_t, off64_t), file, bytes, length, at)
ON_FILE(ssize_t, writev, "writev", (int file, const struct iovec *parts, int many), T(int, const struct iovec *, int), file, parts, many)
ON_FILE(ssize_t, pwritev, "pwritev", (int file, const struct iovec *parts, int many, off_t at), T(int, const struct iovec *, int, off_t), file, parts, many, at)
ON_FILE(ssize_t, pwritev64, "pwritev", (int file, const struct iovec *parts, int many, off64_t at), T(int, const struct iovec *, int, off64_t), file, parts, many, at)
ON_FILE(ssize_t, sendfile, "sendfile", (int file, int from, off_t *at, size_t length), T(int, int, off_t *, size_t), file, from, at, length)
ON_FILE(ssize_t, sendfile64, "sendfile", (int file, int from, off64_t *at, size_t length), T(int, int, off64_t *, size_t), file, from, at, length)
ON_FILE(int, ftruncate, "ftruncate", (int file, off_t length), T(int, off_t), file, length)
ON_FILE(int, ftruncate64, "ftruncate", (int file, off64_t length), T(int, off64_t), file, length)
ON_FILE(int, fallocate, "fallocate", (int file, int how, off_t at, off_t length), T(int, int, off_t, off_t), file, how, at, length)
ON_FILE(int, fallocate64, "fallocate", (int file, int how, off64_t at, off64_t length), T(int, int, off64_t, off64_t), file, how, at, length)
ON_FILE(int, fchmod, "fchmod", (int file, mode_t mode), T(int, mode_t), file, mode)
ON_FILE(int, futimens, "utimensat", (int file, const struct timespec times[2]), T(int, const struct timespec *), file, times)
ON_FILE(int, fsync, "fsync", (int file), T(int), file)
ON_FILE(int, fdatasync, "fdatasync", (int file), T(int), file)
ON_FILE(int, syncfs, "syncfs", (int file), T(int), file)
ON_FILE(int, sync_file_range, "sync_file_range", (int file, off64_t at, off64_t length, unsigned int how), T(int, off64_t, off64_t, unsigned int), file, at, length, how)

#define ON_PATH(name, call, parameters, types, folder, path, ...) \
  int name parameters { \
    REAL(int, name, types); \
    COUNTED(int, call, folder, path, real(__VA_ARGS__)); \
  }
ON_PATH(truncate, "truncate", (const char *path, off_t length), T(const char *, off_t), AT_FDCWD, path, path, length)
ON_PATH(rename, "rename", (const char *from, const char *path), T(const char *, const char *), AT_FDCWD, path, from, path)
ON_PATH(renameat, "renameat", (int source, const char *from, int folder, const char *path), T(int, const char *, int, const char *), folder, path, source, from, folder, path)
ON_PATH(renameat2, "renameat2", (int source, const char *from, int folder, const char *path, unsigned int how), T(int, const char *, int, const char *, unsigned int), folder, path, source, from, folder, path, how)
ON_PATH(link, "link", (const char *from, const char *path), T(const char *, const char *), AT_FDCWD, path, from, path)
ON_PATH(linkat, "linkat", (int source, const char *from, int folder, const char *path, int how), T(int, const char *, int, const char *, int), folder, path, source, from, folder, path, how)
ON_PATH(symlink, "symlink", (const char *aim, const char *path), T(const char *, const char *), AT_FDCWD, path, aim, path)
ON_PATH(symlinkat, "symlinkat", (const char *aim, int folder, const char *path), T(const char *, int, const char *), folder, path, aim, folder, path)
ON_PATH(unlink, "unlink", (const char *path), T(const char *), AT_FDCWD, path, path)
ON_PATH(unlinkat, "unlinkat", (int folder, const char *path, int how), T(int, const char *, int), folder, path, folder, path, how)
ON_PATH(remove, "unlink", (const char *path), T(const char *), AT_FDCWD, path, path)
ON_PATH(rmdir, "rmdir", (const char *path), T(const char *), AT_FDCWD, path, path)
ON_PATH(mkdir, "mkdir", (const char *path, mode_t mode), T(const char *, mode_t), AT_FDCWD, path, path, mode)
ON_PATH(mkdirat, "mkdirat", (int folder, const char *path, mode_t mode), T(int, const char *, mode_t), folder, path, folder, path, mode)
ON_PATH(chmod, "chmod", (const char *path, mode_t mode), T(const char *, mode_t), AT_FDCWD, path, path, mode)
ON_PATH(fchmodat, "fchmodat", (int folder, const char *path, mode_t mode, int how), T(int, const char *, mode_t, int), folder, path, folder, path, mode, how)
ON_PATH(utimensat, "utimensat", (int folder, const char *path, const struct timespec times[2], int how), T(int, const char *, const struct timespec *, int), folder, path, folder, path, times, how)
ON_PATH(utimes, "utimensat", (const char *path, const struct timeval times[2]), T(const char *, const struct timeval *), AT_FDCWD, path, path, times)

char *mkdtemp(char *pattern) {
  REAL(char *, mkdtemp, char *);
  char place[PATH_MAX];
  long number = belowLength == 0 ? 0 : reach(placeOf(place, AT_FDCWD, pattern));
  char *made = real(pattern);
  tell(number, "mkdir", place, made == NULL ? -1 : 0);
  return made;
}

int mkstemp64(char *pattern) {
  REAL(int, mkstemp64, char *);
  COUNTED(int, "openat", AT_FDCWD, pattern, real(pattern));
}

int ioctl(int file, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void *value = va_arg(rest, void *);
  va_end(rest);
  REAL(int, ioctl, int, unsigned long, ...);
  if (request != CLONE_FILE) return real(file, request, value);
  COUNTED(int, "ioctl", file, NULL, real(file, request, value));
}

ssize_t copy_file_range(int from, off64_t *fromAt, int file, off64_t *at, size_t length, unsigned int flags) {
  REAL(ssize_t, copy_file_range, int, off64_t *, int, off64_t *, size_t, unsigned int);
  COUNTED(ssize_t, "copy_file_range", file, NULL, real(from, fromAt, file, at, length, flags));
}

// Node asks for some by number.
long syscall(long what, ...) {
  va_list rest;
  va_start(rest, what);
  long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long);
  long d = va_arg(rest, long), e = va_arg(rest, long), f = va_arg(rest, long);
  va_end(rest);
  if (realSyscall == NULL) realSyscall = (SystemCall)dlsym(RTLD_NEXT, "syscall");
  switch (what) {
    case SYS_copy_file_range: {
      COUNTED(long, "copy_file_range", (int)c, NULL, realSyscall(what, a, b, c, d, e, f));
    }
    case SYS_pwritev:
    case SYS_pwritev2: {
      COUNTED(long, "pwritev", (int)a, NULL, realSyscall(what, a, b, c, d, e, f));
    }
    case SYS_renameat2: {
      COUNTED(long, "renameat2", (int)c, (const char *)d, realSyscall(what, a, b, c, d, e, f));
    }
    default:
      return realSyscall(what, a, b, c, d, e, f);
  }
}

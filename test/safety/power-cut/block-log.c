/*
 * A disk that remembers: one file, kept in BACKING, of which every write and every flush is appended to LOG, in order, before it is answered.
 * A record is two 64-bit numbers in the machine's own byte order, place and length, and the bytes; a flush has the place -1.
 * Use: block-log BACKING LOG MOUNTPOINT. Runs in the foreground until it is unmounted.
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int backing, journal;

static int remember(uint64_t place, uint64_t length, const char *bytes) {
  uint64_t head[2] = {place, length};
  if (write(journal, head, sizeof head) != (ssize_t)sizeof head) return -EIO;
  for (uint64_t done = 0; done < length;) {
    ssize_t wrote = write(journal, bytes + done, length - done);
    if (wrote <= 0) return -EIO;
    done += (uint64_t)wrote;
  }
  return 0;
}

static int look(const char *path, struct stat *found, struct fuse_file_info *info) {
  (void)info;
  memset(found, 0, sizeof *found);
  if (strcmp(path, "/") == 0) {
    found->st_mode = S_IFDIR | 0700;
    found->st_nlink = 2;
    return 0;
  }
  if (strcmp(path, "/disk") != 0) return -ENOENT;
  struct stat real;
  if (fstat(backing, &real) != 0) return -EIO;
  found->st_mode = S_IFREG | 0600;
  found->st_nlink = 1;
  found->st_size = real.st_size;
  return 0;
}

static int list(const char *path, void *buffer, fuse_fill_dir_t fill, off_t at, struct fuse_file_info *info, enum fuse_readdir_flags flags) {
  (void)path, (void)at, (void)info, (void)flags;
  fill(buffer, "disk", NULL, 0, 0);
  return 0;
}

static int begin(const char *path, struct fuse_file_info *info) {
  (void)info;
  return strcmp(path, "/disk") == 0 ? 0 : -ENOENT;
}

static int get(const char *path, char *bytes, size_t length, off_t place, struct fuse_file_info *info) {
  (void)path, (void)info;
  ssize_t got = pread(backing, bytes, length, place);
  return got < 0 ? -EIO : (int)got;
}

static int put(const char *path, const char *bytes, size_t length, off_t place, struct fuse_file_info *info) {
  (void)path, (void)info;
  if (pwrite(backing, bytes, length, place) != (ssize_t)length) return -EIO;
  int failed = remember((uint64_t)place, length, bytes);
  return failed ? failed : (int)length;
}

static int settle(const char *path, int data, struct fuse_file_info *info) {
  (void)path, (void)data, (void)info;
  return remember(UINT64_MAX, 0, NULL);
}

static const struct fuse_operations operations = {
    .getattr = look, .readdir = list, .open = begin, .read = get, .write = put, .fsync = settle,
};

int main(int count, char **words) {
  if (count != 4) return 2;
  backing = open(words[1], O_RDWR);
  journal = open(words[2], O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (backing < 0 || journal < 0) return 1;
  char *fuse[] = {words[0], "-f", "-s", words[3], NULL};
  return fuse_main(4, fuse, &operations, NULL);
}

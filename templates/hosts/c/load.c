#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "embedded.h"
#include "sha256.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static bool copy_to(const struct embedded *embedded, const struct embedded_file *file, int to) {
  char part[65536];
  for (uint64_t done = 0; done < file->bytes;) {
    size_t bytes = file->bytes - done < sizeof part ? (size_t)(file->bytes - done) : sizeof part;
    if (!embedded_read(embedded->file, file->offset + done, part, bytes)) return false;
    for (size_t written = 0; written < bytes;) {
      ssize_t count = write(to, part + written, bytes - written);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      written += (size_t)count;
    }
    done += bytes;
  }
  return true;
}

/* Of what will be loaded, and not of what it was copied from. */
static bool is_right(const struct embedded_file *file, int descriptor, struct embedded_failure *why) {
  char hex[65];
  if (file->bytes == 0) {
    sha256_hex("", 0, hex);
  } else {
    void *content = mmap(NULL, file->bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (content == MAP_FAILED) return embedded_fail(why, "%s cannot be read: %s", file->path, strerror(errno));
    sha256_hex(content, file->bytes, hex);
    munmap(content, file->bytes);
  }
  return strcmp(hex, file->sha256) == 0 || embedded_fail(why, "%s is not what was embedded", file->path);
}

int embedded_memory(const struct embedded *embedded, const struct embedded_file *file, struct embedded_failure *why) {
#ifdef __linux__
  /* Linux 6.3 wants to be told that it will be executed; those before do not know the flag. */
  int memory = memfd_create("engine", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  if (memory < 0 && errno == EINVAL) memory = memfd_create("engine", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory < 0) {
    embedded_fail(why, "no memory for %s: %s", file->path, strerror(errno));
    return -1;
  }
  bool copied = copy_to(embedded, file, memory) && fchmod(memory, 0500) == 0 &&
                fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0;
  if (!copied) embedded_fail(why, "%s cannot be copied to memory: %s", file->path, strerror(errno));
  if (copied && is_right(file, memory, why)) return memory;
  close(memory);
#else
  (void)embedded;
  embedded_fail(why, "%s cannot be loaded from memory on this system", file->path);
#endif
  return -1;
}

bool embedded_to_file(const struct embedded *embedded, const struct embedded_file *file, const char *folder, char *path,
    size_t path_bytes, struct embedded_failure *why) {
  const char *name = strrchr(file->path, '/');
  name = name == NULL ? file->path : name + 1;
  int length = snprintf(path, path_bytes, "%s/engine-XXXXXX", folder);
  if (length < 0 || (size_t)length + 1 + strlen(name) >= path_bytes) return embedded_fail(why, "%s is too long", folder);
  /* 0700: nobody else can put anything in its place between the hash and the start */
  if (mkdtemp(path) == NULL) return embedded_fail(why, "no folder in %s: %s", folder, strerror(errno));
  path[length] = '/';
  strcpy(path + length + 1, name);
  int to = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0500);
  bool copied = to >= 0 && copy_to(embedded, file, to);
  if (!copied) embedded_fail(why, "%s cannot be written: %s", path, strerror(errno));
  bool right = copied && is_right(file, to, why);
  if (to >= 0) close(to);
  if (right) return true;
  unlink(path);
  path[length] = '\0';
  rmdir(path);
  return false;
}

static bool is_kind(const struct embedded_file *file, const char *kind, struct embedded_failure *why) {
  /* a kind that is not known, as `guarded-executable`, is not for us */
  return strcmp(file->kind, kind) == 0 || embedded_fail(why, "%s is of the kind %s", file->path, file->kind);
}

void *embedded_load(
    const struct embedded *embedded, const struct embedded_file *file, const char *folder, struct embedded_failure *why) {
  char path[4096];
  if (!is_kind(file, "library", why)) return NULL;
  int memory = embedded_memory(embedded, file, why);
  if (memory >= 0) snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
  else if (folder == NULL || !embedded_to_file(embedded, file, folder, path, sizeof path, why)) return NULL;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) embedded_fail(why, "%s cannot be loaded: %s", file->path, dlerror());
  /* The mapping stays. The descriptor must as well: a second one of the same number would be taken for the first by its path. */
  if (library == NULL && memory >= 0) close(memory);
  return library;
}

void embedded_execute(const struct embedded *embedded, const struct embedded_file *file, const char *folder,
    char *const arguments[], char *const environment[], struct embedded_failure *why) {
  char path[4096];
  if (!is_kind(file, "executable", why)) return;
  int memory = embedded_memory(embedded, file, why);
  if (memory >= 0) {
#ifdef __linux__
    fexecve(memory, arguments, environment);
#endif
    close(memory);
  }
  /* Where memory is not to be executed, or the file is a script, whose interpreter must find it by a name. */
  if (folder == NULL) {
    if (memory >= 0) embedded_fail(why, "%s cannot be started from memory: %s", file->path, strerror(errno));
    return;
  }
  if (!embedded_to_file(embedded, file, folder, path, sizeof path, why)) return;
  execve(path, arguments, environment);
  embedded_fail(why, "%s cannot be started: %s", file->path, strerror(errno));
}

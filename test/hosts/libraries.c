#define _GNU_SOURCE
#include "libraries.h"

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "failing.h"

static bool has_its_own(
    const struct enginery_answer *answer, const char *path, void *library, struct enginery_failure *why);

#ifdef LM_ID_NEWLM
enum { HAS_SPACES = true };

static void *open_apart(const char *path, int flags) {
  return dlmopen(LM_ID_NEWLM, path, flags);
}

/* What is loaded under this name where `library` is; NULL where nothing is. */
static void *loaded_beside(void *library, const char *name) {
  Lmid_t space;
  return dlinfo(library, RTLD_DI_LMID, &space) == 0 ? dlmopen(space, name, RTLD_LAZY | RTLD_NOLOAD) : NULL;
}
#else /* musl */
enum { HAS_SPACES = false };

static void *open_apart(const char *path, int flags) {
  return dlopen(path, flags);
}

static void *loaded_beside(void *library, const char *name) {
  (void)library;
  return dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
}
#endif

bool load_library(const struct enginery_answer *answer, const char *path, bool own_space, void **library,
    struct enginery_failure *why) {
  /* RTLD_NOW: what is missing is found here, and not in the middle of the work. RTLD_LOCAL: its symbols are for
     nobody else. */
  int flags = RTLD_NOW | RTLD_LOCAL;
  if (own_space && !HAS_SPACES)
    return fail(why, ENGINERY_REFUSED, "engine-start", "Here is one space for all libraries: load %s in a process of its own.",
        path);
  *library = own_space ? open_apart(path, flags) : dlopen(path, flags);
  if (*library == NULL) return fail(why, ENGINERY_UNAVAILABLE, "engine-start", "%s", dlerror());
  if (has_its_own(answer, path, *library, why)) return true;
  dlclose(*library);
  *library = NULL;
  return false;
}

static bool is_same_file(const char *one, const char *other) {
  struct stat first, second;
  return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

/*
 * The loader gives a library whatever is loaded already under a name that it needs, wherever that came from.
 * Without a word:
 * the second version would run on the first one's dependency.
 */
static bool has_its_own(
    const struct enginery_answer *answer, const char *path, void *library, struct enginery_failure *why) {
  struct link_map *map;
  if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0) return true;
  const char *strings = NULL;
  for (const ElfW(Dyn) *item = map->l_ld; item->d_tag != DT_NULL; item++) {
    if (item->d_tag != DT_STRTAB) continue;
    /* glibc has made an address of it, musl leaves the offset. */
    strings = (const char *)(item->d_un.d_ptr < map->l_addr ? map->l_addr + item->d_un.d_ptr : item->d_un.d_ptr);
  }
  if (strings == NULL) return true;
  for (const ElfW(Dyn) *item = map->l_ld; item->d_tag != DT_NULL; item++) {
    if (item->d_tag != DT_NEEDED) continue;
    const char *name = strings + item->d_un.d_val;
    char beside[2 * ENGINERY_PATH];
    /* answer->path and not map->l_name: the library may have been loaded through a link elsewhere. */
    snprintf(beside, sizeof beside, "%.*s/%s", (int)(strrchr(answer->path, '/') - answer->path), answer->path, name);
    void *loaded = loaded_beside(library, name);
    struct link_map *given;
    bool is_other =
        loaded != NULL && dlinfo(loaded, RTLD_DI_LINKMAP, &given) == 0 && !is_same_file(given->l_name, beside);
    struct stat status;
    is_other = is_other && stat(beside, &status) == 0;
    if (is_other) {
      fail(why, ENGINERY_REFUSED, "probe-failed",
          "%s needs the %s beside it, and was given %s. Load it with --space own, or in a process of its own.", path,
          name, given->l_name);
    }
    if (loaded != NULL) dlclose(loaded);
    if (is_other) return false;
  }
  return true;
}

/* A function by its name; the standard has no cast from a pointer to data. */
static bool find(void *library, const char *symbol, void *function) {
  void *found = dlsym(library, symbol);
  memcpy(function, &found, sizeof found);
  return found != NULL;
}

/* The version with neither more digits before it nor more of a version behind it. */
static bool says_version(const char *text, const char *version) {
  for (const char *at = text; (at = strstr(at, version)) != NULL; at++) {
    char before = at == text ? ' ' : at[-1];
    const char *behind = at + strlen(version);
    bool goes_on = strchr(".-+", behind[0]) != NULL && behind[0] != '\0' &&
                   strspn(behind + 1, "0123456789abcdefghijklmnopqrstuvwxyz") > 0;
    bool has_digit = behind[0] >= '0' && behind[0] <= '9';
    if (strchr("0123456789.", before) == NULL && !goes_on && !has_digit) return true;
  }
  return false;
}

/* As much of the version as the library tells: 46 or 46.0 of 46.0.1. */
static bool begins_version(const char *text, const char *version) {
  size_t length = strlen(text);
  return length > 0 && strncmp(text, version, length) == 0 && strchr(".-", version[length]) != NULL;
}

bool ask_version(void *library, const char *way, const struct enginery_answer *answer, char told[TELLING],
    struct enginery_failure *why) {
  const char *symbol = strchr(way, ':') == NULL ? "" : strchr(way, ':') + 1;
  bool is_right = false, is_asked = false;
  if (strncmp(way, "text:", 5) == 0) {
    const char *(*version)(void);
    const char *text = find(library, symbol, &version) ? version() : NULL;
    is_asked = text != NULL;
    if (is_asked) snprintf(told, TELLING, "%s", text);
    is_right = is_asked && says_version(told, answer->version);
  } else if (strncmp(way, "pair:", 5) == 0) {
    void (*version)(uint32_t *, uint32_t *);
    uint32_t major = 0, minor = 0;
    is_asked = find(library, symbol, &version);
    if (is_asked) version(&major, &minor);
    snprintf(told, TELLING, "%u.%u", major, minor);
    is_right = is_asked && begins_version(told, answer->version);
  } else if (strcmp(way, "wasmtime") == 0) {
    is_asked = wasmtime_version(library, told);
    is_right = is_asked && begins_version(told, answer->version);
  } else {
    return fail(why, ENGINERY_USAGE, "usage", "%s is no way to ask a library.", way);
  }
  if (!is_asked) return fail(why, ENGINERY_REFUSED, "probe-failed", "%s does not answer to %s.", answer->path, way);
  if (is_right) return true;
  return fail(why, ENGINERY_REFUSED, "probe-failed", "%s is to be %s@%s and says %s.", answer->path, answer->engine,
      answer->version, told);
}

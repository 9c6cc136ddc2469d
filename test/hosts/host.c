/*
 * A host: finds the libraries that do the work of some epochs, tenants or versions, loads all of them beside each
 * other, has each say its version,
 * and holds leases until it is done. See README.md. Usage:
 *
 *   host [--home DIR] [--ask WAY] [--try WAY] [--space own|shared] [--link] [--hold]
 *        [--epoch N] [--tenant ID] [--version V] [--entry NAME] [--only-path] ENGINE ...
 *
 * What is said of an engine stands before it, and holds for the next one too; `--epoch -`, `--tenant -` and so on
 * take it back.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "enginery.h"
#include "failing.h"
#include "libraries.h"
#include "reading.h"

enum { MOST_LOADED = 16 };

struct settings {
  struct enginery_question question;
  const char *ask; /* how to ask for the version; NULL: not at all */
  const char *try; /* what to have it do: `tail-calls`, or `identifier:SYMBOL` */
  bool own_space;
  bool through_link;
  bool only_path;
};

struct loaded {
  void *library;
  struct enginery_lease lease;
};

static bool load(const struct enginery_home *home, const struct settings *settings, struct loaded *loaded,
    struct enginery_failure *why);

static _Noreturn void end_with(const struct enginery_failure *why) {
  fprintf(stderr, "enginery: error %s %s\n", why->code, why->message);
  exit(why->status);
}

/* The words that an option takes, and NULL for `-`. */
static const char *said(char **argv, int *at) {
  struct enginery_failure why;
  const char *value = argv[*at + 1];
  if (value == NULL) {
    fail(&why, ENGINERY_USAGE, "usage", "%s wants a value.", argv[*at]);
    end_with(&why);
  }
  *at += 1;
  return strcmp(value, "-") == 0 ? NULL : value;
}

static int64_t epoch_of(const char *text) {
  int64_t epoch = ENGINERY_NO_EPOCH;
  struct enginery_failure why;
  if (text == NULL || text[0] == '\0' || parse_whole(text, &epoch)) return epoch;
  fail(&why, ENGINERY_USAGE, "bad-epoch", "%s is no whole number from 0.", text);
  end_with(&why);
}

static const char *set_in_environment(const char *name) {
  const char *value = getenv(name);
  return value == NULL || value[0] == '\0' ? NULL : value;
}

int main(int argc, char **argv) {
  const char *folder = set_in_environment("ENGINERY_HOME");
  struct settings settings = {
      .question = {.kind = "library",
          .epoch = epoch_of(getenv("ENGINERY_EPOCH")),
          .tenant = set_in_environment("ENGINERY_TENANT")},
  };
  struct enginery_home home = {.folder = -1};
  struct enginery_failure why;
  struct loaded loaded[MOST_LOADED];
  int count = 0;
  bool hold = false, is_sound = true;
  for (int at = 1; at < argc && is_sound; at++) {
    const char *word = argv[at];
    if (strcmp(word, "--home") == 0) folder = said(argv, &at);
    else if (strcmp(word, "--epoch") == 0) settings.question.epoch = epoch_of(said(argv, &at));
    else if (strcmp(word, "--tenant") == 0) settings.question.tenant = said(argv, &at);
    else if (strcmp(word, "--version") == 0) settings.question.version = said(argv, &at);
    else if (strcmp(word, "--entry") == 0) settings.question.entry = said(argv, &at);
    else if (strcmp(word, "--ask") == 0) settings.ask = said(argv, &at);
    else if (strcmp(word, "--try") == 0) settings.try = said(argv, &at);
    else if (strcmp(word, "--space") == 0)
      settings.own_space = strcmp(argv[at + 1] == NULL ? "" : argv[at + 1], "own") == 0, said(argv, &at);
    else if (strcmp(word, "--link") == 0) settings.through_link = true;
    else if (strcmp(word, "--only-path") == 0) settings.only_path = true;
    else if (strcmp(word, "--hold") == 0) hold = true;
    else if (word[0] == '-') is_sound = fail(&why, ENGINERY_USAGE, "usage", "%s is no option.", word);
    else if (count == MOST_LOADED) is_sound = fail(&why, ENGINERY_USAGE, "usage", "More than %d engines.", MOST_LOADED);
    else {
      settings.question.engine = word;
      if (home.folder < 0) is_sound = enginery_open(&home, folder == NULL ? "." : folder, &why);
      is_sound = is_sound && load(&home, &settings, &loaded[count], &why);
      if (is_sound && !settings.only_path) count++;
    }
  }
  /* All are in use from here until somebody closes our input: one that is killed meanwhile leaves leases that are
     judged gone. */
  if (is_sound && hold) {
    puts("holding");
    fflush(stdout);
    while (getchar() != EOF) continue;
  }
  while (count-- > 0) {
    /* A lease outlives what it is for. */
    dlclose(loaded[count].library);
    enginery_end_lease(&home, &loaded[count].lease);
  }
  if (!is_sound) end_with(&why);
}

/* lib/libNAME.so.X.Y, for a host that wants one folder and names by version: good where it leads to the very file. */
static bool link_of(const struct enginery_home *home, const struct enginery_answer *answer, char path[ENGINERY_PATH],
    struct enginery_failure *why) {
  const char *name =
      strncmp(answer->entry, "lib", 3) == 0 && answer->entry[3] != '\0' ? answer->entry + 3 : answer->entry;
  int major = (int)strcspn(answer->version, "."), minor = (int)strcspn(answer->version + major + 1, ".-");
  int length =
      snprintf(path, ENGINERY_PATH, "%s/lib/lib%s.so.%.*s", home->path, name, major + 1 + minor, answer->version);
  struct stat link, file;
  bool is_it = length < ENGINERY_PATH && stat(path, &link) == 0 && stat(answer->path, &file) == 0 &&
               link.st_dev == file.st_dev && link.st_ino == file.st_ino;
  return is_it || fail(why, ENGINERY_DAMAGED, "installation-damaged", "%s does not lead to %s.", path, answer->path);
}

/* (bool) SYMBOL(const char16_t *text, size_t length): is U+0870, a letter since Unicode 14, an identifier? */
static bool try_identifier(void *library, const char *symbol, char told[TELLING]) {
  bool (*is_identifier)(const uint16_t *, size_t);
  void *found = dlsym(library, symbol);
  if (found == NULL) return false;
  memcpy(&is_identifier, &found, sizeof found);
  const uint16_t plain[] = {'x'}, later[] = {0x0870};
  if (!is_identifier(plain, 1)) return false;
  snprintf(told, TELLING, "%s U+0870 in a name", is_identifier(later, 1) ? "takes" : "refuses");
  return true;
}

static bool try_out(void *library, const char *way, const struct enginery_answer *answer, char told[TELLING],
    struct enginery_failure *why) {
  bool is_done = strcmp(way, "tail-calls") == 0         ? wasmtime_takes_tail_calls(library, told)
                 : strncmp(way, "identifier:", 11) == 0 ? try_identifier(library, way + 11, told)
                                                        : false;
  return is_done || fail(why, ENGINERY_REFUSED, "probe-failed", "%s does not answer to %s.", answer->path, way);
}

/* Resolve, lease, look, load, ask: in this order. Prints a line: engine, version, why it is this one, the file,
   what it says, what it does. */
static bool load(const struct enginery_home *home, const struct settings *settings, struct loaded *loaded,
    struct enginery_failure *why) {
  struct enginery_answer answer;
  char link[ENGINERY_PATH], version[TELLING] = "-", does[TELLING] = "-";
  if (!enginery_resolve(home, &settings->question, &answer, why)) return false;
  const char *path = answer.path;
  if (settings->only_path) {
    puts(path);
    return true;
  }
  if (!enginery_take_lease(home, &settings->question, &answer, &loaded->lease, why)) return false;
  bool is_right = !settings->through_link || link_of(home, &answer, link, why);
  if (settings->through_link) path = link;
  loaded->library = NULL;
  is_right = is_right && load_library(&answer, path, settings->own_space, &loaded->library, why);
  if (is_right && settings->ask != NULL) is_right = ask_version(loaded->library, settings->ask, &answer, version, why);
  if (is_right && settings->try != NULL) is_right = try_out(loaded->library, settings->try, &answer, does, why);
  if (!is_right) {
    if (loaded->library != NULL) dlclose(loaded->library);
    enginery_end_lease(home, &loaded->lease);
    return false;
  }
  printf("%s\t%s\t%s\t%s\t%s\t%s\n", answer.engine, answer.version, answer.because, path, version, does);
  fflush(stdout);
  return true;
}

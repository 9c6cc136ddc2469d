#define _GNU_SOURCE
#include "enginery.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "failing.h"
#include "index.h"
#include "reading.h"
#include "sha256.h"

/* What is to be run before it is known where it lies. */
struct choice {
  char version[ENGINERY_NAME];
  char tree[ENGINERY_TREE + 4]; /* of the pin that decided; empty: as the manifest promises */
  int64_t epoch;
  const char *because;
};

static bool read_pin(const struct enginery_home *home, const struct enginery_question *question, struct choice *pin,
    struct enginery_failure *why);
static bool choose(const struct enginery_home *home, const struct enginery_question *question, const struct choice *pin,
    struct index *index, struct choice *choice, struct enginery_failure *why);
static bool find_entry(const struct enginery_question *question, struct index *index, const struct choice *choice,
    struct enginery_answer *answer, struct enginery_failure *why);

bool fail(struct enginery_failure *why, int status, const char *code, const char *format, ...) {
  va_list values;
  va_start(values, format);
  vsnprintf(why->message, sizeof why->message, format, values);
  va_end(values);
  why->status = status;
  why->code = code;
  return false;
}

/* LEASES is one line: where leases lie, so that processes of other accounts can write theirs. */
static bool open_leases(struct enginery_home *home, struct enginery_failure *why) {
  size_t length = 0;
  char *path = read_below(home->folder, "LEASES", &length);
  bool is_line = path != NULL && length > 2 && path[0] == '/' && strcspn(path, "\n") == length - 1;
  if (!is_line) {
    free(path);
    return fail(why, ENGINERY_DAMAGED, "home-damaged", "%s/LEASES names no folder.", home->path);
  }
  path[length - 1] = '\0';
  home->leases = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (home->leases < 0) {
    bool is_closed = errno == EACCES;
    fail(why, ENGINERY_UNAVAILABLE, is_closed ? "permission" : "lease-folder",
        is_closed ? "This account may not claim what it runs in %s." : "There is no folder %s.", path);
  }
  free(path);
  return home->leases >= 0;
}

bool enginery_open(struct enginery_home *home, const char *path, struct enginery_failure *why) {
  char *whole = realpath(path, NULL);
  home->folder =
      whole == NULL || strlen(whole) >= sizeof home->path ? -1 : open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (home->folder >= 0) strcpy(home->path, whole);
  free(whole);
  if (home->folder < 0) return fail(why, ENGINERY_UNAVAILABLE, "no-home", "There is no home of Enginery at %s.", path);
  size_t length = 0;
  char *version = read_below(home->folder, "VERSION", &length);
  bool is_home = version != NULL, is_outside = is_home && strcmp(version, "2\n") == 0;
  bool is_known = is_outside || (is_home && strcmp(version, "1\n") == 0);
  free(version);
  home->leases = -1;
  if (is_known && (!is_outside || open_leases(home, why))) return true;
  enginery_close(home);
  if (is_known) return false;
  return fail(
      why, ENGINERY_REFUSED, is_home ? "home-newer" : "not-a-home", "%s has no layout that is known here.", path);
}

void enginery_close(struct enginery_home *home) {
  if (home->leases >= 0) close(home->leases);
  close(home->folder);
}

static bool is_name(const char *text) {
  size_t length = strlen(text);
  return length > 0 && length < ENGINERY_NAME && text[0] >= 'a' && text[0] <= 'z' &&
         strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz._-") == length;
}

static bool is_version(const char *text) {
  size_t length = strlen(text);
  return length > 0 && length < ENGINERY_NAME && text[0] >= '0' && text[0] <= '9' &&
         strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-") == length;
}

static bool is_tree(const char *text) { return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64; }

/* Leads to a file below its folder, and nowhere else. */
static bool is_inside(const char *path) {
  for (const char *part = path;; part += strcspn(part, "/") + 1) {
    size_t length = strcspn(part, "/");
    if (length == 0 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.'))
      return false;
    if (part[length] == '\0') break;
  }
  for (const unsigned char *letter = (const unsigned char *)path; *letter != '\0'; letter++) {
    if (*letter < 0x20 || *letter == 0x7f) return false;
  }
  return strlen(path) < ENGINERY_PATH / 2;
}

bool enginery_resolve(const struct enginery_home *home, const struct enginery_question *question,
    struct enginery_answer *answer, struct enginery_failure *why) {
  if (!is_name(question->engine))
    return fail(why, ENGINERY_USAGE, "bad-name", "%s is no name of an engine.", question->engine);
  struct choice pin = {.because = NULL}, choice;
  struct index index = {.text = NULL};
  bool is_answered = read_pin(home, question, &pin, why) && read_index(home, question->engine, &index, why) &&
                     choose(home, question, &pin, &index, &choice, why) &&
                     find_entry(question, &index, &choice, answer, why);
  free(index.text);
  if (!is_answered && pin.because != NULL && strcmp(why->code, "unknown-engine") == 0) {
    return fail(why, ENGINERY_NOTHING, "release-not-installed", "%s@%s is pinned, and nothing of %s is installed.",
        question->engine, pin.version, question->engine);
  }
  if (!is_answered) return false;
  strcpy(answer->engine, question->engine);
  strcpy(answer->version, choice.version);
  answer->epoch = choice.epoch;
  answer->because = choice.because;
  int length = snprintf(answer->path, sizeof answer->path, "%s/engines/%s/%s/%s", home->path, answer->engine,
      answer->version, answer->file);
  return length < (int)sizeof answer->path ||
         fail(why, ENGINERY_UNAVAILABLE, "io", "The path of the file is too long.");
}

/* pins/<2 hex>/<hash>.json, the hash of tenant, NUL and engine: any name of a tenant on any file system. */
static bool read_pin(const struct enginery_home *home, const struct enginery_question *question, struct choice *pin,
    struct enginery_failure *why) {
  if (question->tenant == NULL) return true;
  size_t length = strlen(question->tenant), size = length + 1 + strlen(question->engine);
  /* A letter of JSON needs room for four bytes. */
  const size_t room = size + 8;
  char *key = malloc(room), hash[65], path[128];
  if (key == NULL) return fail(why, ENGINERY_UNAVAILABLE, "io", "There is no memory left.");
  strcpy(key, question->tenant);
  strcpy(key + length + 1, question->engine);
  sha256_hex(key, size, hash);
  snprintf(path, sizeof path, "pins/%.2s/%s.json", hash, hash);
  char *text = read_below(home->folder, path, &length);
  bool is_missing = text == NULL && errno == ENOENT;
  struct slice record = {text, length};
  bool is_ours = text != NULL && json_string(record, "tenant", key, room) && strcmp(key, question->tenant) == 0 &&
                 json_string(record, "engine", pin->version, sizeof pin->version) &&
                 strcmp(pin->version, question->engine) == 0 &&
                 json_string(record, "version", pin->version, sizeof pin->version) && is_version(pin->version) &&
                 json_string(record, "tree", pin->tree, sizeof pin->tree) && is_tree(pin->tree);
  free(text);
  free(key);
  if (is_ours) pin->because = "pin";
  return is_ours || is_missing ||
         fail(why, ENGINERY_DAMAGED, "home-damaged", "%s/%s cannot be read.", home->path, path);
}

/* The epoch last observed, unless it is too old. */
static bool observed_epoch(const struct enginery_home *home, int64_t *epoch, struct enginery_failure *why) {
  size_t length = 0, config_length = 0;
  char *text = read_below(home->folder, "clock/observed.json", &length);
  if (text == NULL && errno == ENOENT) {
    return fail(
        why, ENGINERY_NOTHING, "epoch-unknown", "Which engine is in effect depends on the epoch, and it is unknown.");
  }
  char *config = read_below(home->folder, "config.json", &config_length);
  struct tm at = {.tm_isdst = 0};
  char instant[64];
  struct slice record = {text, length}, settings = {config, config_length}, member;
  bool is_read = text != NULL && config != NULL && json_whole(record, "epoch", epoch) &&
                 json_string(record, "at", instant, sizeof instant) &&
                 strptime(instant, "%Y-%m-%dT%H:%M:%S", &at) != NULL;
  bool is_limited = is_read && json_member(settings, "epochMaxAge", &member);
  int64_t most = 0;
  is_read = is_read && (!is_limited || json_whole(settings, "epochMaxAge", &most));
  free(text);
  free(config);
  if (!is_read)
    return fail(
        why, ENGINERY_DAMAGED, "home-damaged", "%s/clock/observed.json or config.json cannot be read.", home->path);
  double age = difftime(time(NULL), timegm(&at));
  if (!is_limited || (age <= (double)most && -age <= (double)most)) return true;
  return fail(why, ENGINERY_NOTHING, "epoch-unknown",
      "The epoch was last observed at %s, which is too long ago, or the clock was set back.", instant);
}

/* The greatest `validFrom` that is not above the epoch, or nothing: never another one instead. */
static bool choose_scheduled(const struct enginery_home *home, const struct enginery_question *question,
    struct index *index, struct choice *choice, struct enginery_failure *why) {
  bool is_scheduled = strcmp(index->mode, "scheduled") == 0;
  if (!is_scheduled && strcmp(index->mode, "always") != 0 && strcmp(index->mode, "none") != 0) goto damaged;
  choice->epoch = question->epoch;
  if (is_scheduled && choice->epoch == ENGINERY_NO_EPOCH && !observed_epoch(home, &choice->epoch, why)) return false;
  choice->because = NULL;
  for (int64_t i = 0; i < index->deployments; i++) {
    char *line = next_line(&index->at);
    if (line == NULL) goto damaged;
    const char *from = next_word(&line), *version = next_word(&line), *tree = next_word(&line);
    int64_t begin = 0;
    bool is_any = strcmp(from, "any") == 0;
    if (is_any == is_scheduled || !(is_any || parse_whole(from, &begin)) || !is_version(version)) goto damaged;
    if (!is_tree(tree) && strcmp(tree, "-") != 0) goto damaged;
    if (choice->because != NULL || (is_scheduled && begin > choice->epoch)) continue;
    strcpy(choice->version, version);
    choice->because = "schedule";
  }
  choice->tree[0] = '\0';
  if (choice->because != NULL) return true;
  return fail(why, ENGINERY_NOTHING, "nothing-in-effect", "No %s is in effect.", question->engine);
damaged:
  return fail(why, ENGINERY_DAMAGED, "home-damaged", "The deployments of %s in index/ are damaged.", question->engine);
}

/* An explicit version, the tenant's pin, the schedule: in this order. */
static bool choose(const struct enginery_home *home, const struct enginery_question *question, const struct choice *pin,
    struct index *index, struct choice *choice, struct enginery_failure *why) {
  bool is_pinned = pin->because != NULL;
  if (question->version == NULL && !is_pinned) return choose_scheduled(home, question, index, choice, why);
  for (int64_t i = 0; i < index->deployments; i++) {
    if (next_line(&index->at) == NULL)
      return fail(why, ENGINERY_DAMAGED, "home-damaged", "The index of %s is cut short.", question->engine);
  }
  if (is_pinned) *choice = *pin;
  choice->epoch = ENGINERY_NO_EPOCH;
  if (question->version == NULL) return true;
  if (!is_version(question->version))
    return fail(why, ENGINERY_USAGE, "bad-version", "%s is no version.", question->version);
  if (is_pinned && strcmp(pin->version, question->version) != 0) {
    return fail(why, ENGINERY_REFUSED, "pin-mismatch", "%s is pinned to %s@%s.", question->tenant, question->engine,
        pin->version);
  }
  strcpy(choice->version, question->version);
  if (!is_pinned) choice->tree[0] = '\0';
  choice->because = "explicit";
  return true;
}

/* All lines are looked at before one is believed: an index with a wrong line answers nothing. */
static bool find_entry(const struct enginery_question *question, struct index *index, const struct choice *choice,
    struct enginery_answer *answer, struct enginery_failure *why) {
  const char *wanted = question->entry == NULL ? "*" : question->entry;
  bool is_installed = false, is_other = false;
  char kind[64] = "";
  answer->entry[0] = '\0';
  for (int64_t i = 0; i < index->entries; i++) {
    char *line = next_line(&index->at);
    if (line == NULL) goto damaged;
    const char *version = next_word(&line), *tree = next_word(&line), *standing = next_word(&line);
    const char *of_kind = next_word(&line), *name = next_word(&line), *path = line;
    bool is_promised = strcmp(standing, "promised") == 0, is_none = strcmp(of_kind, "none") == 0;
    if (!is_version(version) || !is_tree(tree) || !(is_promised || strcmp(standing, "other") == 0)) goto damaged;
    if (!is_none && (!is_inside(path) || !(is_name(name) || strcmp(name, "*") == 0))) goto damaged;
    if (strcmp(version, choice->version) != 0) continue;
    is_installed = true;
    if (choice->tree[0] == '\0' ? !is_promised : strcmp(tree, choice->tree) != 0) is_other = true;
    if (is_none) continue;
    bool is_it = strcmp(name, wanted) == 0;
    if (is_it) {
      snprintf(kind, sizeof kind, "%s", of_kind);
      strcpy(answer->tree, tree);
      strcpy(answer->file, path);
    }
    /* The one that is meant where none is named has a line under its own name, too: it is the engine's namesake, or
       the only one. */
    if (is_it || (question->entry == NULL && (answer->entry[0] == '*' || strcmp(name, question->engine) == 0)))
      strcpy(answer->entry, name);
  }
  if (*index->at != '\0') goto damaged;
  const char *engine = question->engine, *version = choice->version;
  if (!is_installed) {
    return fail(why, ENGINERY_NOTHING, "release-not-installed",
        "%s@%s is not installed here; install it: enginery install %s@%s", engine, version, engine, version);
  }
  if (is_other)
    return fail(why, ENGINERY_REFUSED, "release-conflict", "%s@%s is installed with other files than were promised.",
        engine, version);
  if (strcmp(kind, question->kind) == 0) return true;
  if (kind[0] == '\0')
    return fail(why, ENGINERY_USAGE, "unknown-entry", "%s@%s has no such entry point.", engine, version);
  return fail(why, ENGINERY_REFUSED, "refused", "The entry point of %s@%s is of the kind %s, not %s.", engine, version,
      kind, question->kind);
damaged:
  return fail(why, ENGINERY_DAMAGED, "home-damaged", "The entry points of %s in index/ are damaged.", question->engine);
}

#define _GNU_SOURCE
#include "index.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "failing.h"
#include "reading.h"

/* How often a folder of index/ is looked for that is not there: another generation is just being committed, or it
   is mended. */
enum { MOST_LOOKS = 100, PAUSE_MS = 10 };

/* The number of the newest generation as its file's name spells it. */
static bool newest_number(const struct enginery_home *home, char number[16]) {
  int folder = open_below(home->folder, "generations", O_RDONLY | O_DIRECTORY);
  DIR *names = folder < 0 ? NULL : fdopendir(folder);
  long long newest = -1;
  if (names == NULL) return false;
  for (struct dirent *entry; (entry = readdir(names)) != NULL;) {
    size_t digits = strspn(entry->d_name, "0123456789");
    if (digits < 8 || digits > 15 || strcmp(entry->d_name + digits, ".json") != 0) continue;
    long long found = strtoll(entry->d_name, NULL, 10);
    if (found <= newest) continue;
    newest = found;
    snprintf(number, 16, "%.*s", (int)digits, entry->d_name);
  }
  closedir(names);
  return newest >= 0;
}

/* Which operation committed that generation: its folder is the one in index/ that counts. ENOENT: a newer one took
   its place meanwhile. */
static bool operation_of(const struct enginery_home *home, const char *number, char operation[ENGINERY_NAME]) {
  char path[64];
  size_t length = 0;
  snprintf(path, sizeof path, "generations/%s.json", number);
  char *text = read_below(home->folder, path, &length);
  if (text == NULL) return false;
  bool is_read = json_string((struct slice){text, length}, "operation", operation, ENGINERY_NAME) &&
                 operation[0] != '\0' && strspn(operation, "0123456789abcdef") == strlen(operation);
  free(text);
  errno = EINVAL;
  return is_read;
}

/* Why an engine that has no file for hosts has none, once its folder is there. */
static bool fail_without_file(
    const struct enginery_home *home, const char *folder, const char *engine, struct enginery_failure *why) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, engine);
  int launchers = open_below(home->folder, path, O_PATH);
  if (launchers < 0) return fail(why, ENGINERY_USAGE, "unknown-engine", "There is no engine %s.", engine);
  close(launchers);
  return fail(why, ENGINERY_DAMAGED, "home-damaged",
      "%s has no file for hosts; an older Enginery made it. Have it made: enginery doctor --fix", folder);
}

static bool is_folder(const struct enginery_home *home, const char *path) {
  int folder = open_below(home->folder, path, O_RDONLY | O_DIRECTORY);
  if (folder >= 0) close(folder);
  return folder >= 0;
}

char *next_line(char **at) {
  char *line = *at, *end = strchr(line, '\n');
  if (end == NULL) return NULL;
  *end = '\0';
  *at = end + 1;
  return line;
}

char *next_word(char **line) {
  char *word = *line;
  size_t length = strcspn(word, " ");
  *line = word + length + (word[length] == ' ' ? 1 : 0);
  word[length] = '\0';
  return word;
}

static bool read_head(struct index *index, const char *number, const char *engine, size_t length) {
  index->at = index->text;
  char *line = memchr(index->text, '\0', length) == NULL ? next_line(&index->at) : NULL;
  if (line == NULL) return false;
  const char *words[7];
  for (int i = 0; i < 7; i++) words[i] = next_word(&line);
  snprintf(index->mode, sizeof index->mode, "%s", words[4]);
  return strcmp(words[0], "enginery-hosts") == 0 && strcmp(words[1], "1") == 0 && strcmp(words[2], number) == 0 &&
         strcmp(words[3], engine) == 0 && parse_whole(words[5], &index->deployments) &&
         parse_whole(words[6], &index->entries) && *line == '\0';
}

bool read_index(
    const struct enginery_home *home, const char *engine, struct index *index, struct enginery_failure *why) {
  char number[16], operation[ENGINERY_NAME], folder[256] = "index", path[512];
  for (int look = 0; look < MOST_LOOKS; look++) {
    if (look > 0) nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    if (!newest_number(home, number))
      return fail(why, ENGINERY_UNAVAILABLE, "no-home", "Nothing was ever committed in %s.", home->path);
    if (!operation_of(home, number, operation)) {
      if (errno == ENOENT) continue;
      return fail(why, ENGINERY_DAMAGED, "generation-unreadable", "Generation %s cannot be read.", number);
    }
    snprintf(folder, sizeof folder, "index/%s.%s", number, operation);
    snprintf(path, sizeof path, "%s/%s@hosts", folder, engine);
    size_t length = 0;
    index->text = read_below(home->folder, path, &length);
    if (index->text != NULL) {
      return read_head(index, number, engine, length) ||
             fail(why, ENGINERY_DAMAGED, "home-damaged", "%s/%s is damaged.", home->path, path);
    }
    if (errno != ENOENT)
      return fail(why, ENGINERY_DAMAGED, "home-damaged", "%s/%s: %s.", home->path, path, strerror(errno));
    /* Looked at twice: the folder may have come between the two looks at it. */
    if (look > 0 && is_folder(home, folder)) return fail_without_file(home, folder, engine, why);
  }
  return fail(why, ENGINERY_DAMAGED, "home-damaged", "%s/%s is missing. Have it made anew: enginery doctor --fix",
      home->path, folder);
}

/* index/<number>.<operation>/<engine>@hosts: what is deployed when, and what is installed. */
#ifndef INDEX_H
#define INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "enginery.h"

/* Of the newest generation, one engine's file in index/: `deployments` and `entries` lines of `at`. */
struct index {
  char *text;
  char *at;
  char mode[16];
  int64_t deployments;
  int64_t entries;
};

/* Of the newest generation, its first line read and checked; `text` is the caller's to free. */
bool read_index(
    const struct enginery_home *home, const char *engine, struct index *index, struct enginery_failure *why);

/* The next line, ended by a NUL where its line end was; NULL where none with an end is left. */
char *next_line(char **at);

/* The next word; what is left of the line begins behind the space that ends it. */
char *next_word(char **line);

#endif

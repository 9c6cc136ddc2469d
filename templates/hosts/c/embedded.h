#ifndef ENGINERY_EMBEDDED_H
#define ENGINERY_EMBEDDED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Engines that `enginery embed` put into a program (docs/LAYOUT.md, "Embedded engines"). Everything answers false with one sentence in
 * `why` where it cannot be done; nothing of a file is used before its sha256 is right.
 */
struct embedded_failure {
  char says[512];
};

/* A program that is open, and its table. */
struct embedded {
  FILE *file;
  uint64_t offset; /* of the section */
  uint64_t bytes;  /* of table and contents */
  char *table;     /* lines, each ended by a NUL */
  char *end;
};

struct embedded_file {
  uint64_t offset; /* in the program */
  uint64_t bytes;
  char sha256[65];
  char tree[65]; /* digest of the release that it is of: compare it with the one that you were built with */
  char kind[33];
  const char *path; /* in the release */
};

/* `program` NULL: the one that runs. */
bool embedded_open(const char *program, struct embedded *out, struct embedded_failure *why);
void embedded_close(struct embedded *embedded);

/* Of a release whose files are those of its tree. `entry` NULL: the one that is meant where none is named. */
bool embedded_find(const struct embedded *embedded, const char *engine, const char *version, const char *entry,
    struct embedded_file *out, struct embedded_failure *why);

/* One line for each release, as the table has it. */
void embedded_list(const struct embedded *embedded, FILE *out);

/*
 * A descriptor of memory that holds the file, can be executed, and that nobody can write to any more; hashed after that. Linux 3.17.
 * -1 where it could not be made.
 */
int embedded_memory(const struct embedded *embedded, const struct embedded_file *file, struct embedded_failure *why);

/* The same as a file in a new folder of this account alone, below `folder`; `path` gets its name. For where there is no such memory. */
bool embedded_to_file(const struct embedded *embedded, const struct embedded_file *file, const char *folder, char *path,
    size_t path_bytes, struct embedded_failure *why);

/* Loads a library from memory, else from a file below `folder` (NULL: from memory or not at all). NULL where that failed. */
void *embedded_load(
    const struct embedded *embedded, const struct embedded_file *file, const char *folder, struct embedded_failure *why);

/* Becomes the executable, from memory, else from a file below `folder`. Comes back only where that failed. */
void embedded_execute(const struct embedded *embedded, const struct embedded_file *file, const char *folder,
    char *const arguments[], char *const environment[], struct embedded_failure *why);

/* Within the parts. */
bool embedded_fail(struct embedded_failure *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool embedded_read(FILE *file, uint64_t offset, void *into, size_t bytes);
bool embedded_section(FILE *file, uint64_t *offset, uint64_t *bytes, struct embedded_failure *why);

#endif

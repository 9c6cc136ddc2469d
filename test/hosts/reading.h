/* Files of the home, and the little of JSON that its records need. */
#ifndef READING_H
#define READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A text in memory; not ended by a NUL. */
struct slice {
  const char *text;
  size_t length;
};

/*
 * Opens `path` below `folder` for reading; -1 and errno where it is not there. A link on the way, or at its end, is
 * refused with ELOOP: the home holds none but in lib/.
 */
int open_below(int folder, const char *path, int flags);

/* The whole file in memory of its own, with a NUL behind it; NULL and errno. EINVAL: no plain file, or larger than
   64 MiB. */
char *read_below(int folder, const char *path, size_t *length);

/* The member of an object, whatever it is; false where the text is no JSON object, or has no such member, or has it
   twice. */
bool json_member(struct slice object, const char *name, struct slice *value);

/* As above, of one kind. A string is decoded; false where it does not fit, or holds a NUL. */
bool json_string(struct slice object, const char *name, char *into, size_t size);
bool json_whole(struct slice object, const char *name, int64_t *into);

/* `text` as JSON writes it, in quotes; false where it does not fit. */
bool json_quote(const char *text, char *into, size_t size);

/* A whole number from 0 to 2^53 - 1 without leading zeros, to the text's end. */
bool parse_whole(const char *text, int64_t *into);

#endif

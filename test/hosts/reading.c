#define _GNU_SOURCE
#include "reading.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_BYTES = 64 * 1024 * 1024, DEEPEST = 64 };

int open_below(int folder, const char *path, int flags) {
  int at = dup(folder);
  for (;;) {
    if (at < 0) return -1;
    size_t length = strcspn(path, "/");
    char name[256];
    if (length == 0 || length >= sizeof name) {
      close(at);
      errno = EINVAL;
      return -1;
    }
    memcpy(name, path, length);
    name[length] = '\0';
    bool is_last = path[length] == '\0';
    int next = openat(at, name, (is_last ? flags : O_RDONLY | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    close(at);
    errno = error;
    if (is_last) return next;
    at = next;
    path += length + 1;
  }
}

char *read_below(int folder, const char *path, size_t *length) {
  /* Without O_NONBLOCK a pipe that was put in a record's place would hold us for ever. */
  int file = open_below(folder, path, O_RDONLY | O_NONBLOCK);
  if (file < 0) return NULL;
  struct stat status;
  char *bytes = NULL;
  if (fstat(file, &status) != 0) goto out;
  if (!S_ISREG(status.st_mode) || status.st_size > MOST_BYTES) {
    errno = EINVAL;
    goto out;
  }
  size_t size = (size_t)status.st_size, at = 0;
  bytes = malloc(size + 1);
  while (bytes != NULL && at < size) {
    ssize_t count = read(file, bytes + at, size - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      free(bytes);
      bytes = NULL;
    } else if (count == 0) {
      break;
    } else {
      at += (size_t)count;
    }
  }
  if (bytes != NULL) {
    bytes[at] = '\0';
    *length = at;
  }
out:;
  int error = errno;
  close(file);
  errno = error;
  return bytes;
}

bool parse_whole(const char *text, int64_t *into) {
  size_t length = strlen(text);
  if (length == 0 || length > 16 || strspn(text, "0123456789") != length || (text[0] == '0' && length > 1))
    return false;
  int64_t number = strtoll(text, NULL, 10);
  if (number > 9007199254740991) return false;
  *into = number;
  return true;
}

/* JSON, as far as records need it: what is passed over is checked for its shape, and what is answered is decoded. */

struct scan {
  const char *at;
  const char *end;
};

static void skip_space(struct scan *scan) {
  while (scan->at < scan->end && strchr(" \t\r\n", *scan->at) != NULL && *scan->at != '\0') scan->at++;
}

static bool take(struct scan *scan, char letter) {
  skip_space(scan);
  if (scan->at >= scan->end || *scan->at != letter) return false;
  scan->at++;
  return true;
}

static bool pass_string(struct scan *scan) {
  if (!take(scan, '"')) return false;
  while (scan->at < scan->end && *scan->at != '"') {
    if ((unsigned char)*scan->at < 0x20) return false;
    scan->at += *scan->at == '\\' ? 2 : 1;
  }
  if (scan->at >= scan->end) return false;
  scan->at++;
  return true;
}

static bool pass_word(struct scan *scan) {
  const char *start = scan->at;
  while (scan->at < scan->end && strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *scan->at) != NULL &&
         *scan->at != '\0')
    scan->at++;
  return scan->at > start;
}

static bool pass_value(struct scan *scan, int depth) {
  skip_space(scan);
  if (scan->at >= scan->end || depth > DEEPEST) return false;
  if (*scan->at == '"') return pass_string(scan);
  bool is_object = *scan->at == '{';
  if (!is_object && *scan->at != '[') return pass_word(scan);
  char close = is_object ? '}' : ']';
  scan->at++;
  if (take(scan, close)) return true;
  do {
    if (is_object && (skip_space(scan), !pass_string(scan) || !take(scan, ':'))) return false;
    if (!pass_value(scan, depth + 1)) return false;
  } while (take(scan, ','));
  return take(scan, close);
}

bool json_member(struct slice object, const char *name, struct slice *value) {
  struct scan scan = {object.text, object.text + object.length};
  bool found = false;
  if (!take(&scan, '{')) return false;
  if (!take(&scan, '}')) {
    do {
      skip_space(&scan);
      const char *key = scan.at + 1;
      if (!pass_string(&scan)) return false;
      bool is_it = (size_t)(scan.at - 1 - key) == strlen(name) && memcmp(key, name, strlen(name)) == 0;
      if (!take(&scan, ':')) return false;
      skip_space(&scan);
      const char *start = scan.at;
      if (!pass_value(&scan, 0)) return false;
      if (is_it && found) return false;
      if (is_it) *value = (struct slice){start, (size_t)(scan.at - start)};
      found |= is_it;
    } while (take(&scan, ','));
    if (!take(&scan, '}')) return false;
  }
  skip_space(&scan);
  return found && scan.at == scan.end;
}

static int hex_unit(const char *at, const char *end) {
  static const char DIGITS[] = "0123456789abcdef0123456789ABCDEF";
  int unit = 0;
  if (end - at < 4) return -1;
  for (int i = 0; i < 4; i++) {
    const char *digit = at[i] == '\0' ? NULL : strchr(DIGITS, at[i]);
    if (digit == NULL) return -1;
    unit = unit << 4 | (int)((digit - DIGITS) & 15);
  }
  return unit;
}

static char *put_utf8(char *into, uint32_t letter) {
  if (letter < 0x80) {
    *into++ = (char)letter;
  } else if (letter < 0x800) {
    *into++ = (char)(0xc0 | letter >> 6);
  } else if (letter < 0x10000) {
    *into++ = (char)(0xe0 | letter >> 12);
    *into++ = (char)(0x80 | (letter >> 6 & 0x3f));
  } else {
    *into++ = (char)(0xf0 | letter >> 18);
    *into++ = (char)(0x80 | (letter >> 12 & 0x3f));
    *into++ = (char)(0x80 | (letter >> 6 & 0x3f));
  }
  if (letter >= 0x80) *into++ = (char)(0x80 | (letter & 0x3f));
  return into;
}

/* What follows a backslash, as a letter; 0 where it is no escape. Moves on behind it. */
static uint32_t unescape(const char **at, const char *end) {
  static const char NAMES[] = "\"\\/bfnrt", LETTERS[] = "\"\\/\b\f\n\r\t";
  char name = *(*at)++;
  const char *found = strchr(NAMES, name);
  if (found != NULL && name != '\0') return (unsigned char)LETTERS[found - NAMES];
  int high = name == 'u' ? hex_unit(*at, end) : -1;
  if (high < 0) return 0;
  *at += 4;
  if (high < 0xd800 || high > 0xdfff) return (uint32_t)high;
  int low = high < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' ? hex_unit(*at + 2, end) : -1;
  if (low < 0xdc00 || low > 0xdfff) return 0;
  *at += 6;
  return 0x10000 + ((uint32_t)(high - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
}

bool json_string(struct slice object, const char *name, char *into, size_t size) {
  struct slice value;
  into[0] = '\0';
  if (!json_member(object, name, &value) || value.text[0] != '"') return false;
  const char *at = value.text + 1, *end = value.text + value.length - 1;
  char *to = into;
  while (at < end) {
    if ((size_t)(to - into) + 5 > size) return into[0] = '\0', false;
    if (*at != '\\') {
      *to++ = *at++;
      continue;
    }
    at++;
    uint32_t letter = unescape(&at, end);
    if (letter == 0) return into[0] = '\0', false;
    to = put_utf8(to, letter);
  }
  *to = '\0';
  return true;
}

bool json_whole(struct slice object, const char *name, int64_t *into) {
  struct slice value;
  char digits[32];
  if (!json_member(object, name, &value) || value.length >= sizeof digits) return false;
  memcpy(digits, value.text, value.length);
  digits[value.length] = '\0';
  return parse_whole(digits, into);
}

bool json_quote(const char *text, char *into, size_t size) {
  static const char LETTERS[] = "\b\t\n\f\r\"\\", NAMES[] = "btnfr\"\\";
  if (size < 3) return false;
  size_t at = 0;
  into[at++] = '"';
  for (; *text != '\0'; text++) {
    if (at + 8 > size) return false;
    const char *named = strchr(LETTERS, *text);
    if (named != NULL) {
      into[at++] = '\\';
      into[at++] = NAMES[named - LETTERS];
    } else if ((unsigned char)*text < 0x20) {
      at += (size_t)sprintf(into + at, "\\u%04x", (unsigned)*text);
    } else {
      into[at++] = *text;
    }
  }
  into[at++] = '"';
  into[at] = '\0';
  return true;
}

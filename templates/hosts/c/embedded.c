#define _FILE_OFFSET_BITS 64
#define _POSIX_C_SOURCE 200809L
#include "embedded.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#define HEAD_BYTES 63
#define MAX_TABLE_BYTES (256u * 1024 * 1024)

bool embedded_fail(struct embedded_failure *why, const char *format, ...) {
  va_list values;
  va_start(values, format);
  vsnprintf(why->says, sizeof why->says, format, values);
  va_end(values);
  return false;
}

static FILE *open_own(void) {
#ifdef __APPLE__
  char path[4096];
  uint32_t bytes = sizeof path;
  return _NSGetExecutablePath(path, &bytes) == 0 ? fopen(path, "rbe") : NULL;
#else
  return fopen("/proc/self/exe", "rbe");
#endif
}

/* Digits alone; false for anything else and for what is too large. */
static bool read_number(const char *text, size_t digits, uint64_t *value) {
  *value = 0;
  if (digits == 0 || digits > 16) return false;
  for (size_t i = 0; i < digits; i++) {
    if (text[i] < '0' || text[i] > '9') return false;
    *value = *value * 10 + (uint64_t)(text[i] - '0');
  }
  return true;
}

static bool read_table(struct embedded *out, uint64_t section_bytes, struct embedded_failure *why) {
  static const char MARK[] = "enginery-embedded 1 ";
  const size_t mark = sizeof MARK - 1;
  char head[HEAD_BYTES];
  uint64_t table_bytes;
  if (section_bytes < HEAD_BYTES || !embedded_read(out->file, out->offset, head, sizeof head) ||
      memcmp(head, MARK, mark) != 0 || head[HEAD_BYTES - 1] != '\n' || !read_number(head + mark, 16, &out->bytes) ||
      !read_number(head + mark + 17, 16, &table_bytes))
    return embedded_fail(why, "the section of engines is not one of format 1");
  if (out->bytes > section_bytes || table_bytes > out->bytes || table_bytes < HEAD_BYTES ||
      table_bytes > MAX_TABLE_BYTES)
    return embedded_fail(why, "the section of engines is cut short");
  out->table = malloc(table_bytes);
  if (out->table == NULL || !embedded_read(out->file, out->offset, out->table, table_bytes) ||
      out->table[table_bytes - 1] != '\n' || memchr(out->table, 0, table_bytes) != NULL)
    return embedded_fail(why, "the table of engines cannot be read");
  out->end = out->table + table_bytes;
  for (char *at = out->table; at < out->end; at++) {
    if (*at == '\n') *at = '\0';
  }
  return true;
}

bool embedded_open(const char *program, struct embedded *out, struct embedded_failure *why) {
  memset(out, 0, sizeof *out);
  uint64_t section_bytes;
  out->file = program == NULL ? open_own() : fopen(program, "rbe");
  if (out->file == NULL) return embedded_fail(why, "the program cannot be opened");
  if (embedded_section(out->file, &out->offset, &section_bytes, why) && read_table(out, section_bytes, why)) return true;
  embedded_close(out);
  return false;
}

void embedded_close(struct embedded *embedded) {
  if (embedded->file != NULL) fclose(embedded->file);
  free(embedded->table);
  memset(embedded, 0, sizeof *embedded);
}

static const char *next_line(const struct embedded *embedded, const char *line) {
  const char *next = line + strlen(line) + 1;
  return next < embedded->end ? next : NULL;
}

void embedded_list(const struct embedded *embedded, FILE *out) {
  for (const char *line = embedded->table; line != NULL; line = next_line(embedded, line)) {
    if (strncmp(line, "release ", 8) == 0) fprintf(out, "%s\n", line + 8);
  }
}

/* The first word of `text`, which `text` then stands behind. False where there is none, or it is too long. */
static bool take_word(const char **text, char *word, size_t bytes) {
  size_t length = strcspn(*text, " ");
  if ((*text)[length] != ' ' || length == 0 || length >= bytes) return false;
  memcpy(word, *text, length);
  word[length] = '\0';
  *text += length + 1;
  return true;
}

static bool read_file(const struct embedded *embedded, const char *line, struct embedded_file *out) {
  char offset[17], bytes[17], mode[2];
  const char *rest = line + 5;
  if (!take_word(&rest, offset, sizeof offset) || !take_word(&rest, bytes, sizeof bytes) ||
      !take_word(&rest, out->sha256, sizeof out->sha256) || !take_word(&rest, mode, sizeof mode) ||
      !read_number(offset, strlen(offset), &out->offset) || !read_number(bytes, strlen(bytes), &out->bytes))
    return false;
  if (out->offset > embedded->bytes || out->bytes > embedded->bytes - out->offset) return false;
  out->offset += embedded->offset;
  out->path = rest;
  return true;
}

bool embedded_find(const struct embedded *embedded, const char *engine, const char *version, const char *entry,
    struct embedded_file *out, struct embedded_failure *why) {
  bool is_ours = false;
  const char *path = NULL;
  for (const char *line = embedded->table; line != NULL; line = next_line(embedded, line)) {
    char word[65], name[65], platform[33];
    const char *rest = line;
    if (!take_word(&rest, word, sizeof word)) continue;
    if (strcmp(word, "release") == 0) {
      if (is_ours) break;
      is_ours = take_word(&rest, name, sizeof name) && take_word(&rest, word, sizeof word) &&
                strcmp(name, engine) == 0 && strcmp(word, version) == 0 &&
                take_word(&rest, platform, sizeof platform) && take_word(&rest, out->tree, sizeof out->tree);
    } else if (is_ours && path == NULL && strcmp(word, "entry") == 0) {
      bool is_entry = take_word(&rest, out->kind, sizeof out->kind) && take_word(&rest, name, sizeof name) &&
                      strcmp(name, entry == NULL ? "*" : entry) == 0;
      if (is_entry) path = rest;
    } else if (is_ours && path != NULL && strcmp(word, "file") == 0) {
      if (!read_file(embedded, line, out)) return embedded_fail(why, "the table of engines cannot be read");
      if (strcmp(out->path, path) == 0) return true;
    }
  }
  if (path != NULL) return embedded_fail(why, "%s of %s@%s is not there", path, engine, version);
  return embedded_fail(why, "%s@%s%s%s is not embedded", engine, version, entry == NULL ? "" : ", entry point ",
      entry == NULL ? "" : entry);
}

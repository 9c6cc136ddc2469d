#define _FILE_OFFSET_BITS 64
#define _POSIX_C_SOURCE 200809L
#include "embedded.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "sha256.h"

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

/* A line of a file, in words. */
struct row {
  char offset[17], bytes[17], sha256[65], mode[2];
  const char *path;
};

static bool is_file(const char *line) { return strncmp(line, "file ", 5) == 0; }

/* No path of a release needs an escape in JSON. */
static bool take_row(const char *line, struct row *row) {
  const char *rest = line + 5;
  uint64_t bytes;
  if (!take_word(&rest, row->offset, sizeof row->offset) || !take_word(&rest, row->bytes, sizeof row->bytes) ||
      !take_word(&rest, row->sha256, sizeof row->sha256) || !take_word(&rest, row->mode, sizeof row->mode))
    return false;
  row->path = rest;
  return read_number(row->bytes, strlen(row->bytes), &bytes) && strspn(row->sha256, "0123456789abcdef") == 64 &&
         strpbrk(row->path, "\"\\") == NULL;
}

static bool read_file(const struct embedded *embedded, const char *line, struct embedded_file *out) {
  struct row row;
  if (!take_row(line, &row) || !read_number(row.offset, strlen(row.offset), &out->offset) ||
      !read_number(row.bytes, strlen(row.bytes), &out->bytes))
    return false;
  if (out->offset > embedded->bytes || out->bytes > embedded->bytes - out->offset) return false;
  out->offset += embedded->offset;
  memcpy(out->sha256, row.sha256, sizeof out->sha256);
  out->path = row.path;
  return true;
}

/* The next line of the same release; NULL behind its last. */
static const char *next_of(const struct embedded *embedded, const char *line) {
  const char *next = next_line(embedded, line);
  return next == NULL || strncmp(next, "release ", 8) == 0 ? NULL : next;
}

/* Whether the digest in the line of a release is that of the files below it: of a list that anybody could write it says nothing. */
static bool is_of_tree(const struct embedded *embedded, const char *release, const char *tree) {
  static const char HEAD[] = "{\"files\":[", TAIL[] = "],\"format\":1}";
  size_t room = sizeof HEAD + sizeof TAIL;
  for (const char *line = next_of(embedded, release); line != NULL; line = next_of(embedded, line))
    room += is_file(line) ? strlen(line) + 64 : 0;
  char *text = malloc(room), hex[65] = "";
  if (text == NULL) return false;
  size_t used = (size_t)sprintf(text, "%s", HEAD);
  bool sound = true;
  const char *comma = "";
  for (const char *line = next_of(embedded, release); sound && line != NULL; line = next_of(embedded, line)) {
    struct row row;
    if (!is_file(line)) continue;
    sound = take_row(line, &row);
    if (!sound) break;
    used += (size_t)sprintf(text + used, "%s{\"bytes\":%s,\"executable\":%s,\"path\":\"%s\",\"sha256\":\"%s\"}", comma,
        row.bytes, row.mode[0] == 'x' ? "true" : "false", row.path, row.sha256);
    comma = ",";
  }
  used += (size_t)sprintf(text + used, "%s", TAIL);
  if (sound) sha256_hex(text, used, hex);
  free(text);
  return strcmp(hex, tree) == 0;
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
      if (is_ours && !is_of_tree(embedded, line, out->tree))
        return embedded_fail(why, "the files of %s@%s are not those of its tree", engine, version);
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

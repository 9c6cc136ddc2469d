#define _FILE_OFFSET_BITS 64
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "embedded.h"

/* The section of engines: `.enginery` in ELF, `.enginry` in PE, `__ENGINERY,__engines` in Mach-O. All low byte first. */

static uint64_t number(const unsigned char *at, int bytes) {
  uint64_t value = 0;
  for (int i = bytes - 1; i >= 0; i--) value = value << 8 | at[i];
  return value;
}

bool embedded_read(FILE *file, uint64_t offset, void *into, size_t bytes) {
  return offset <= INT64_MAX && fseeko(file, (off_t)offset, SEEK_SET) == 0 && fread(into, 1, bytes, file) == bytes;
}

static bool find_in_elf(FILE *file, const unsigned char *head, uint64_t *offset, uint64_t *bytes) {
  bool wide = head[4] == 2;
  size_t size = wide ? 64 : 40;
  uint64_t table = number(head + (wide ? 40 : 32), wide ? 8 : 4);
  const unsigned char *counts = head + (wide ? 58 : 46);
  uint64_t count = number(counts + 2, 2), names_at = number(counts + 4, 2);
  if (head[5] != 1 || number(counts, 2) != size || names_at >= count) return false;
  unsigned char one[64], name[10];
  if (!embedded_read(file, table + names_at * size, one, size)) return false;
  uint64_t names = number(one + (wide ? 24 : 16), wide ? 8 : 4);
  uint64_t names_bytes = number(one + (wide ? 32 : 20), wide ? 8 : 4);
  for (uint64_t i = 0; i < count; i++) {
    if (!embedded_read(file, table + i * size, one, size)) return false;
    uint64_t place = number(one, 4);
    if (place + sizeof name > names_bytes || !embedded_read(file, names + place, name, sizeof name)) continue;
    if (memcmp(name, ".enginery", sizeof name) != 0) continue;
    *offset = number(one + (wide ? 24 : 16), wide ? 8 : 4);
    *bytes = number(one + (wide ? 32 : 20), wide ? 8 : 4);
    return true;
  }
  return false;
}

static bool find_in_windows(FILE *file, const unsigned char *head, uint64_t *offset, uint64_t *bytes) {
  uint64_t header = number(head + 60, 4);
  unsigned char pe[24], one[40];
  if (!embedded_read(file, header, pe, sizeof pe) || memcmp(pe, "PE\0", 4) != 0) return false;
  uint64_t table = header + sizeof pe + number(pe + 20, 2);
  for (uint64_t i = 0; i < number(pe + 6, 2); i++) {
    if (!embedded_read(file, table + i * sizeof one, one, sizeof one)) return false;
    if (memcmp(one, ".enginry", 8) != 0) continue;
    *bytes = number(one + 16, 4);
    *offset = number(one + 20, 4);
    return true;
  }
  return false;
}

static bool find_in_mach_o(FILE *file, const unsigned char *head, uint64_t *offset, uint64_t *bytes) {
  uint64_t at = 32;
  for (uint64_t i = 0; i < number(head + 16, 4); i++) {
    unsigned char one[72 + 80];
    if (!embedded_read(file, at, one, 8)) return false;
    uint64_t size = number(one + 4, 4);
    if (size < 8) return false;
    bool is_segment = number(one, 4) == 0x19 && size == sizeof one && embedded_read(file, at, one, sizeof one);
    if (is_segment && memcmp(one + 8, "__ENGINERY\0\0\0\0\0", 16) == 0 && memcmp(one + 72, "__engines", 10) == 0) {
      *bytes = number(one + 72 + 40, 8);
      *offset = number(one + 72 + 48, 4);
      return true;
    }
    at += size;
  }
  return false;
}

bool embedded_section(FILE *file, uint64_t *offset, uint64_t *bytes, struct embedded_failure *why) {
  unsigned char head[64];
  bool found = false;
  if (!embedded_read(file, 0, head, sizeof head)) return embedded_fail(why, "the program is too short");
  if (memcmp(head, "\177ELF", 4) == 0) found = find_in_elf(file, head, offset, bytes);
  else if (memcmp(head, "MZ", 2) == 0) found = find_in_windows(file, head, offset, bytes);
  else if (memcmp(head, "\317\372\355\376", 4) == 0) found = find_in_mach_o(file, head, offset, bytes);
  return found || embedded_fail(why, "no engines are embedded in it");
}

#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "libraries.h"

/* As wasm.h has it. */
struct bytes {
  size_t size;
  char *data;
};

/* The few functions of the C API that are used here, the same from 9 to 46 at the least. */
struct api {
  void *(*engine_new)(void);
  void (*engine_delete)(void *engine);
  void *(*module_new)(void *engine, const uint8_t *wasm, size_t size, void **module);
  void (*module_delete)(void *module);
  void *(*module_serialize)(void *module, struct bytes *compiled);
  void *(*module_validate)(void *engine, const uint8_t *wasm, size_t size);
  void (*error_message)(void *error, struct bytes *message);
  void (*error_delete)(void *error);
  void (*bytes_delete)(struct bytes *bytes);
};

static const uint8_t EMPTY[] = {0, 'a', 's', 'm', 1, 0, 0, 0};

/* (module (func return_call 0)) */
static const uint8_t TAIL_CALL[] = {
    0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x12, 0, 0x0b};

static bool find_api(void *library, struct api *api) {
  static const char *const NAMES[] = {
      "wasm_engine_new",
      "wasm_engine_delete",
      "wasmtime_module_new",
      "wasmtime_module_delete",
      "wasmtime_module_serialize",
      "wasmtime_module_validate",
      "wasmtime_error_message",
      "wasmtime_error_delete",
      "wasm_byte_vec_delete",
  };
  void *functions[sizeof NAMES / sizeof *NAMES];
  _Static_assert(sizeof functions == sizeof *api, "one name a member, in their order");
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
    functions[i] = dlsym(library, NAMES[i]);
    if (functions[i] == NULL) return false;
  }
  memcpy(api, functions, sizeof *api);
  return true;
}

/* The section .wasmtime.engine of what it compiles (an ELF file): its format, the length of the version, the
   version. */
static bool version_within(const struct bytes *compiled, char told[TELLING]) {
  Elf64_Ehdr head;
  if (compiled->size < sizeof head) return false;
  memcpy(&head, compiled->data, sizeof head);
  if (head.e_shoff > compiled->size || (compiled->size - head.e_shoff) / sizeof(Elf64_Shdr) < head.e_shnum ||
      head.e_shstrndx >= head.e_shnum)
    return false;
  Elf64_Shdr names, section;
  memcpy(&names, compiled->data + head.e_shoff + head.e_shstrndx * sizeof names, sizeof names);
  for (int i = 0; i < head.e_shnum; i++) {
    memcpy(&section, compiled->data + head.e_shoff + i * sizeof section, sizeof section);
    const char name[] = ".wasmtime.engine";
    uint64_t at = names.sh_offset + section.sh_name;
    if (at + sizeof name > compiled->size || memcmp(compiled->data + at, name, sizeof name) != 0) continue;
    if (section.sh_offset + 2 > compiled->size) return false;
    const char *content = compiled->data + section.sh_offset;
    unsigned length = (unsigned char)content[1];
    if (section.sh_offset + 2 + length > compiled->size) return false;
    snprintf(told, TELLING, "%.*s", (int)length, content + 2);
    return true;
  }
  return false;
}

bool wasmtime_version(void *library, char told[TELLING]) {
  struct api api;
  void *module = NULL;
  struct bytes compiled = {0, NULL};
  bool is_told = false;
  if (!find_api(library, &api)) return false;
  void *engine = api.engine_new();
  if (api.module_new(engine, EMPTY, sizeof EMPTY, &module) == NULL) {
    if (api.module_serialize(module, &compiled) == NULL) {
      is_told = version_within(&compiled, told);
      api.bytes_delete(&compiled);
    }
    api.module_delete(module);
  }
  api.engine_delete(engine);
  return is_told;
}

bool wasmtime_takes_tail_calls(void *library, char told[TELLING]) {
  struct api api;
  if (!find_api(library, &api)) return false;
  void *engine = api.engine_new(), *error = api.module_validate(engine, TAIL_CALL, sizeof TAIL_CALL);
  snprintf(told, TELLING, "takes tail calls");
  if (error != NULL) {
    struct bytes message;
    api.error_message(error, &message);
    snprintf(told, TELLING, "refuses tail calls: %.*s", (int)message.size, message.data);
    told[strcspn(told, "\n\t")] = '\0';
    api.bytes_delete(&message);
    api.error_delete(error);
  }
  api.engine_delete(engine);
  return true;
}

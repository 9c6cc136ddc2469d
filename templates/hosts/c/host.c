#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"

/*
 *   host [--program FILE] [--folder DIR] [--tree DIGEST] list
 *   host ... run ENGINE VERSION ENTRY [ARGUMENT...]     ENTRY -: the one that is meant where none is named
 *   host ... call ENGINE VERSION ENTRY SYMBOL ...       by fours, each of a library: `const char *SYMBOL(void)`
 */

extern char **environ;

static int failed(const struct embedded_failure *why) {
  fprintf(stderr, "host: %s\n", why->says);
  return 1;
}

static bool find(const struct embedded *embedded, char *const words[], const char *tree, struct embedded_file *file,
    struct embedded_failure *why) {
  const char *entry = strcmp(words[2], "-") == 0 ? NULL : words[2];
  if (!embedded_find(embedded, words[0], words[1], entry, file, why)) return false;
  return tree == NULL || strcmp(tree, file->tree) == 0 ||
         embedded_fail(why, "%s@%s is another release than this host was built with", words[0], words[1]);
}

static bool call(const struct embedded *embedded, char *const words[], const char *tree, const char *folder,
    struct embedded_failure *why) {
  struct embedded_file file;
  if (!find(embedded, words, tree, &file, why)) return false;
  void *library = embedded_load(embedded, &file, folder, why);
  if (library == NULL) return false;
  const char *(*ask)(void);
  *(void **)&ask = dlsym(library, words[3]);
  if (ask == NULL) return embedded_fail(why, "%s has no %s", file.path, words[3]);
  printf("%s\t%s\t%s\n", words[0], words[1], ask());
  return true;
}

int main(int count, char *words[]) {
  const char *program = NULL, *folder = NULL, *tree = NULL;
  int at = 1;
  for (; at + 1 < count && strncmp(words[at], "--", 2) == 0; at += 2) {
    if (strcmp(words[at], "--program") == 0) program = words[at + 1];
    else if (strcmp(words[at], "--folder") == 0) folder = words[at + 1];
    else if (strcmp(words[at], "--tree") == 0) tree = words[at + 1];
    else return 2;
  }
  if (at >= count) return 2;
  const char *verb = words[at++];
  struct embedded embedded;
  struct embedded_failure why = {{0}};
  if (!embedded_open(program, &embedded, &why)) return failed(&why);
  int status = 2;
  if (strcmp(verb, "list") == 0) {
    embedded_list(&embedded, stdout);
    status = 0;
  } else if (strcmp(verb, "run") == 0 && count - at >= 3) {
    struct embedded_file file;
    if (find(&embedded, words + at, tree, &file, &why))
      embedded_execute(&embedded, &file, folder, words + at + 2, environ, &why);
    status = failed(&why);
  } else if (strcmp(verb, "call") == 0 && count - at >= 4 && (count - at) % 4 == 0) {
    status = 0;
    for (; at < count && status == 0; at += 4) {
      if (!call(&embedded, words + at, tree, folder, &why)) status = failed(&why);
    }
  }
  embedded_close(&embedded);
  return status;
}

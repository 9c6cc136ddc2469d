/*
 * clash shared|own|process LIBRARY...: loads each LIBRARY and prints what its work_version() says, in one of three
 * ways.
 *
 *   shared    dlopen. The loader gives the second library the dependency that the first one brought, as it has the
 *             same name.
 *   own       dlmopen: each library in a namespace of its own, with its own dependencies (and its own libc).
 *   process   dlopen, each library in a process of its own.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(const char *way, const char *path) {
  void *library =
      strcmp(way, "own") == 0 ? dlmopen(LM_ID_NEWLM, path, RTLD_NOW | RTLD_LOCAL) : dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void *symbol = library == NULL ? NULL : dlsym(library, "work_version");
  if (symbol == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  const char *(*version)(void);
  memcpy(&version, &symbol, sizeof version);
  puts(version());
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  for (int i = 2; i < argc; i++) {
    pid_t child = strcmp(argv[1], "process") == 0 ? fork() : -1;
    if (child <= 0) run(argv[1], argv[i]);
    if (child == 0) return 0;
    int status = 0;
    if (child > 0 && (waitpid(child, &status, 0) != child || status != 0)) return 1;
  }
  return 0;
}

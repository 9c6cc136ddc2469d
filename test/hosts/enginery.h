/*
 * A reader of Enginery's managed tree for hosts without Node: docs/LAYOUT.md in C11, and nothing but libc.
 * Reads as a launcher does, takes no lock, changes nothing but its own lease. Linux is what it was written on;
 * where /proc is missing a lease says less, and is kept until somebody forgets it.
 */
#ifndef ENGINERY_H
#define ENGINERY_H

#include <stdbool.h>
#include <stdint.h>

enum {
  ENGINERY_NAME = 129, /* an engine, an entry point, a version */
  ENGINERY_TREE = 65, /* 64 hex digits */
  ENGINERY_PATH = 4096,
};

/* Exit codes as launchers give them: 120 and the code of docs/CLI.md. */
enum {
  ENGINERY_USAGE = 122,
  ENGINERY_REFUSED = 123,
  ENGINERY_DAMAGED = 125,
  ENGINERY_BUSY = 126,
  ENGINERY_UNAVAILABLE = 127,
  ENGINERY_NOTHING = 128,
};

/* Why something could not be done: `status` is the exit code, `code` a code of docs/ERRORS.md. */
struct enginery_failure {
  int status;
  const char *code;
  char message[ENGINERY_PATH + 512];
};

/* An open home. `path` is absolute; `folder` is its file descriptor, `leases` that of the folder outside it where leases
   lie in layout 2, or -1. */
struct enginery_home {
  char path[ENGINERY_PATH];
  int folder;
  int leases;
};

#define ENGINERY_NO_EPOCH (-1)

/* Which release of `engine` does the work? Strings that are NULL are not said. */
struct enginery_question {
  const char *engine;
  int64_t epoch; /* ENGINERY_NO_EPOCH: the one last observed */
  const char *tenant;
  const char *version;
  const char *entry; /* the only entry point, or the one named as the engine */
  const char *kind; /* "library" or "executable" */
};

/* This one, byte for byte: `tree` is the release's identity. */
struct enginery_answer {
  char engine[ENGINERY_NAME];
  char version[ENGINERY_NAME];
  char tree[ENGINERY_TREE];
  char entry[ENGINERY_NAME];
  char file[ENGINERY_PATH]; /* below the installation's folder */
  char path[ENGINERY_PATH]; /* absolute */
  int64_t epoch; /* ENGINERY_NO_EPOCH where it did not matter */
  const char *because; /* "explicit", "pin", "schedule" */
};

/* A claim that keeps the installation from prune: the name of its file, below the home or in `leases`. */
struct enginery_lease {
  char file[ENGINERY_PATH];
};

/* All answer false with `why` filled in where something is wrong. Nothing is ever answered in place of what was
   asked for. */

bool enginery_open(struct enginery_home *home, const char *path, struct enginery_failure *why);
void enginery_close(struct enginery_home *home);

/* Reads the newest generation's index, one pin where a tenant is given, the observed epoch where none is. */
bool enginery_resolve(const struct enginery_home *home, const struct enginery_question *question,
    struct enginery_answer *answer, struct enginery_failure *why);

/* Writes the lease, then looks for prune's mark and for the installation: only then may the file be loaded or
   started. */
bool enginery_take_lease(const struct enginery_home *home, const struct enginery_question *question,
    const struct enginery_answer *answer, struct enginery_lease *lease, struct enginery_failure *why);

/* Once nothing of the release is loaded any more. */
void enginery_end_lease(const struct enginery_home *home, const struct enginery_lease *lease);

#endif

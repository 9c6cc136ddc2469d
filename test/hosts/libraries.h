/* Loading several versions of a library into one process, and asking each what it is. */
#ifndef LIBRARIES_H
#define LIBRARIES_H

#include <stdbool.h>

#include "enginery.h"

enum { TELLING = 256 };

/*
 * dlopen, or with `own_space` dlmopen into a namespace of its own: the way for libraries whose dependencies have
 * one name and
 * are not one file. Fails where the library was given another file than the one of that name that lies beside it in
 * its release.
 */
bool load_library(const struct enginery_answer *answer, const char *path, bool own_space, void **library,
    struct enginery_failure *why);

/*
 * What the library says it is, by one of the ways that libraries have; it must be the version that was resolved.
 *   text:SYMBOL   const char *SYMBOL(void), the version somewhere in the text
 *   pair:SYMBOL   void SYMBOL(uint32_t *major, uint32_t *minor)
 *   wasmtime      what it writes at the head of a module that it compiles
 */
bool ask_version(void *library, const char *way, const struct enginery_answer *answer, char told[TELLING],
    struct enginery_failure *why);

/* Wasmtime's C API: the version in an empty module, compiled; whether it takes a module with a tail call. */
bool wasmtime_version(void *library, char told[TELLING]);
bool wasmtime_takes_tail_calls(void *library, char told[TELLING]);

#endif

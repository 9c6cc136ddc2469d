#ifndef FAILING_H
#define FAILING_H

#include "enginery.h"

/* Fills `why` in and answers false, so that a function can return it. */
bool fail(struct enginery_failure *why, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif

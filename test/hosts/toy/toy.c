/* A library for tests of the host that need no real one: it says its version in both ways. */
#include <stdint.h>

#define TEXT(name) #name
#define SAID(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

const char *toy_version(void) { return "toy " SAID(MAJOR, MINOR, PATCH); }

void get_version(uint32_t *major, uint32_t *minor) {
  *major = MAJOR;
  *minor = MINOR;
}

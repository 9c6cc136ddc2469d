/* A library by version, as Phala's: its own report is what counts, not its name. */
#ifndef FLAVOUR
#define FLAVOUR "plain"
#endif

const char *pink_flavour = FLAVOUR;

void get_version(unsigned *major, unsigned *minor) {
  *major = MAJOR;
  *minor = MINOR;
}

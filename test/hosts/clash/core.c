/* A dependency that two versions of a library each bring with them, under one name (its soname). */
const char *core_version(void) { return VERSION; }

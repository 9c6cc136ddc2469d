/* A library that needs core, and says which one it was given. */
const char *core_version(void);
const char *work_version(void) { return core_version(); }

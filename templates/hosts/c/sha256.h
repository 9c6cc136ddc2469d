#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>

/* SHA-256 (FIPS 180-4) as 64 lower-case hex digits and a NUL. */
void sha256_hex(const void *bytes, size_t length, char hex[65]);

#endif

/* Loads the library that its argument names and prints the version that it reports. */
#include <dlfcn.h>
#include <stdio.h>

int main(int count, char **words) {
  if (count != 2) return 2;
  void *library = dlopen(words[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  void (*get_version)(unsigned *, unsigned *) = (void (*)(unsigned *, unsigned *))dlsym(library, "get_version");
  if (get_version == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  unsigned major = 0, minor = 0;
  get_version(&major, &minor);
  printf("pink %u.%u\n", major, minor);
  return 0;
}

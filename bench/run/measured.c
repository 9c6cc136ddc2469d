/*
 * measured FILE WORD...: starts WORD..., waits for it, and writes to FILE: wall nanoseconds, microseconds of processor time, and the
 * greatest resident size in KiB of it or of any process that it waited for. Ends as it ended.
 */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv) {
  pid_t child;
  int status;
  struct rusage used;
  if (argc < 3) return 2;
  long long begin = now();
  if (posix_spawnp(&child, argv[2], NULL, NULL, argv + 2, environ) != 0) return 127;
  wait4(child, &status, 0, &used);
  long long wall = now() - begin;
  long long cpu = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000LL + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
  FILE *out = fopen(argv[1], "w");
  if (out == NULL) return 2;
  fprintf(out, "%lld %lld %ld\n", wall, cpu, used.ru_maxrss);
  fclose(out);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

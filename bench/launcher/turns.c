/*
 * turns ROUNDS WAY...: starts each WAY once a round, in turns, and waits for it; a WAY is words that spaces part.
 * Prints, a line a start: number of the way, wall nanoseconds, microseconds of processor time.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;
enum { MOST_WORDS = 64 };

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void split(char *text, char *words[MOST_WORDS]) {
  int count = 0;
  for (char *word = strtok(text, " "); word != NULL && count < MOST_WORDS - 1; word = strtok(NULL, " "))
    words[count++] = word;
  words[count] = NULL;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  posix_spawn_file_actions_t silence;
  posix_spawn_file_actions_init(&silence);
  posix_spawn_file_actions_addopen(&silence, 1, "/dev/null", O_WRONLY, 0);
  int ways = argc - 2;
  char *(*words)[MOST_WORDS] = calloc(ways, sizeof *words);
  for (int way = 0; way < ways; way++) split(argv[way + 2], words[way]);
  for (int round = 0; round < atoi(argv[1]); round++) {
    for (int way = 0; way < ways; way++) {
      pid_t child;
      int status;
      struct rusage used;
      long long begin = now();
      if (posix_spawn(&child, words[way][0], &silence, NULL, words[way], environ) != 0) return 1;
      wait4(child, &status, 0, &used);
      long long wall = now() - begin;
      if (status != 0) {
        fprintf(stderr, "%s ended with %d\n", words[way][0], status);
        return 1;
      }
      long long cpu =
          (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000LL + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
      printf("%d %lld %lld\n", way, wall, cpu);
    }
  }
}

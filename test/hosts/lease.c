#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "enginery.h"
#include "failing.h"
#include "reading.h"

enum { FACT = 257 };

/* A process as leases and marks name it; what is not known is empty. */
struct process {
  int64_t pid;
  char started[FACT];
  char boot[FACT];
  char machine[FACT];
  char namespace[FACT];
};

static struct process myself(void);
static bool is_gone(const struct process *process);
static bool write_lease(const struct enginery_home *home, const struct enginery_question *question,
    const struct enginery_answer *answer, struct enginery_lease *lease);
static bool look_for_mark(
    const struct enginery_home *home, const struct enginery_answer *answer, struct enginery_failure *why);
static bool look_for_installation(
    const struct enginery_home *home, const struct enginery_answer *answer, struct enginery_failure *why);

bool enginery_take_lease(const struct enginery_home *home, const struct enginery_question *question,
    const struct enginery_answer *answer, struct enginery_lease *lease, struct enginery_failure *why) {
  if (!write_lease(home, question, answer, lease)) {
    bool is_closed = errno == EACCES || errno == EPERM;
    return fail(why, ENGINERY_UNAVAILABLE, is_closed ? "permission" : "io", "No lease can be written for %s: %s.",
        home->path, strerror(errno));
  }
  /* In this order: prune writes its mark and then reads the leases, so of the two at least one sees the other. */
  if (look_for_mark(home, answer, why) && look_for_installation(home, answer, why)) return true;
  enginery_end_lease(home, lease);
  return false;
}

void enginery_end_lease(const struct enginery_home *home, const struct enginery_lease *lease) {
  unlinkat(home->leases < 0 ? home->folder : home->leases, lease->file, 0);
}

/* ,"name":"value" where the value is known: with the comma, as `boot` is first of all that may be missing. */
static void put_fact(FILE *record, const char *name, const char *value) {
  char quoted[8192];
  if (value != NULL && value[0] != '\0' && json_quote(value, quoted, sizeof quoted))
    fprintf(record, "\"%s\":%s,", name, quoted);
}

/* Whole from the moment it has its name: half a lease could be judged by nobody. */
static bool write_lease(const struct enginery_home *home, const struct enginery_question *question,
    const struct enginery_answer *answer, struct enginery_lease *lease) {
  static unsigned count = 0;
  struct process me = myself();
  char id[2 * FACT], temporary[3 * FACT];
  snprintf(id, sizeof id, "%lld-%s-%.8s-%u", (long long)me.pid, me.started[0] == '\0' ? "0" : me.started,
      me.boot[0] == '\0' ? "0" : me.boot, ++count);
  /* Outside, staging/ is another disk, and another account's. */
  bool is_outside = home->leases >= 0;
  int folder = is_outside ? home->leases : home->folder;
  snprintf(temporary, sizeof temporary, "%s%s", is_outside ? "." : "staging/tmp-", id);
  snprintf(lease->file, sizeof lease->file, "%s%s@%s.%s.json", is_outside ? "" : "leases/", answer->engine,
      answer->version, id);
  if (!is_outside) {
    /* A home that came back from a copy may lack its empty folders. */
    mkdirat(home->folder, "staging", 0755);
    mkdirat(home->folder, "leases", 0755);
    /* A claim behind a link is none that prune looks for. */
    struct stat leases;
    if (fstatat(home->folder, "leases", &leases, AT_SYMLINK_NOFOLLOW) != 0) return false;
    errno = ENOTDIR;
    if (!S_ISDIR(leases.st_mode)) return false;
  }
  int file = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (file < 0) return false;
  fchmod(file, 0644);
  FILE *record = fdopen(file, "w");
  fputc('{', record);
  put_fact(record, "boot", me.boot);
  put_fact(record, "engine", answer->engine);
  if (answer->epoch != ENGINERY_NO_EPOCH) fprintf(record, "\"epoch\":%lld,", (long long)answer->epoch);
  fprintf(record, "\"format\":1,");
  put_fact(record, "id", id);
  put_fact(record, "machine", me.machine);
  put_fact(record, "namespace", me.namespace);
  fprintf(record, "\"pid\":%lld,", (long long)me.pid);
  put_fact(record, "started", me.started);
  put_fact(record, "tenant", question->tenant);
  fprintf(record, "\"version\":\"%s\"}", answer->version);
  bool is_written = !ferror(record);
  if (fclose(record) == 0 && is_written && renameat(folder, temporary, folder, lease->file) == 0)
    return true;
  int error = errno;
  unlinkat(folder, temporary, 0);
  errno = error;
  return false;
}

static bool look_for_mark(
    const struct enginery_home *home, const struct enginery_answer *answer, struct enginery_failure *why) {
  char path[ENGINERY_PATH];
  snprintf(path, sizeof path, "marks/%s@%s", answer->engine, answer->version);
  size_t length;
  char *text = read_below(home->folder, path, &length);
  if (text == NULL && errno == ENOENT) return true;
  struct slice owner;
  struct process of = {.pid = 0};
  bool is_read =
      text != NULL && json_member((struct slice){text, length}, "owner", &owner) && json_whole(owner, "pid", &of.pid);
  if (is_read) {
    json_string(owner, "started", of.started, sizeof of.started);
    json_string(owner, "boot", of.boot, sizeof of.boot);
    json_string(owner, "machine", of.machine, sizeof of.machine);
    json_string(owner, "namespace", of.namespace, sizeof of.namespace);
  }
  free(text);
  if (!is_read) return fail(why, ENGINERY_DAMAGED, "home-damaged", "%s/%s cannot be read.", home->path, path);
  if (is_gone(&of)) return true;
  return fail(why, ENGINERY_BUSY, "marked", "%s@%s is about to be removed.", answer->engine, answer->version);
}

static bool look_for_installation(
    const struct enginery_home *home, const struct enginery_answer *answer, struct enginery_failure *why) {
  char path[ENGINERY_PATH * 2], tree[ENGINERY_TREE + 4] = "";
  snprintf(path, sizeof path, "engines/%s/%s/SEAL.json", answer->engine, answer->version);
  size_t length = 0;
  char *text = read_below(home->folder, path, &length);
  if (text == NULL && errno == ENOENT) {
    return fail(
        why, ENGINERY_NOTHING, "release-not-installed", "%s@%s is not installed.", answer->engine, answer->version);
  }
  bool is_it = text != NULL && json_string((struct slice){text, length}, "tree", tree, sizeof tree) &&
               strcmp(tree, answer->tree) == 0;
  free(text);
  snprintf(path, sizeof path, "engines/%s/%s/%s", answer->engine, answer->version, answer->file);
  int file = is_it ? open_below(home->folder, path, O_PATH) : -1;
  struct stat status;
  is_it = file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  if (file >= 0) close(file);
  if (is_it) return true;
  return fail(why, ENGINERY_DAMAGED, "installation-damaged",
      "%s@%s is not sealed as the release that was resolved. Mend it: enginery verify --repair", answer->engine,
      answer->version);
}

static void first_line(const char *path, char line[FACT]) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return;
  if (fgets(line, FACT, file) == NULL) line[0] = '\0';
  fclose(file);
  line[strcspn(line, "\n")] = '\0';
}

/* In a new pid namespace with the old /proc still mounted, its numbers mean other processes. */
static bool proc_is_ours(void) {
  char text[32] = "";
  return readlink("/proc/self", text, sizeof text - 1) > 0 && strtol(text, NULL, 10) == (long)getpid();
}

/* Fields 3 and 22 of /proc/PID/stat; the second may itself hold spaces and brackets. False: not told. */
static bool stat_of(int64_t pid, char *standing, char started[FACT]) {
  char path[64], text[2048] = "";
  snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
  FILE *file = proc_is_ours() ? fopen(path, "re") : NULL;
  if (file == NULL) return false;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  const char *behind = strrchr(text, ')');
  return behind != NULL &&
         sscanf(behind, ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %256s", standing,
             started) == 2;
}

static struct process myself(void) {
  struct process me = {.pid = getpid()};
  char standing, link[FACT] = "";
  stat_of(me.pid, &standing, me.started);
  first_line("/proc/sys/kernel/random/boot_id", me.boot);
  first_line("/etc/machine-id", me.machine);
  if (me.machine[0] == '\0') {
    strcpy(me.machine, "host:");
    if (gethostname(me.machine + 5, FACT - 6) != 0) me.machine[0] = '\0';
  }
  if (!proc_is_ours()) return me;
  struct stat proc;
  unsigned long inode;
  if (readlink("/proc/self/ns/pid", link, sizeof link - 1) > 0 && sscanf(link, "pid:[%lu]", &inode) == 1) {
    snprintf(me.namespace, FACT, "pid:%lu", inode);
  } else if (stat("/proc", &proc) == 0) {
    snprintf(me.namespace, FACT, "dev:%u:%u", major(proc.st_dev), minor(proc.st_dev));
  }
  return me;
}

/* Only what can be judged from here: a process of another machine or pid namespace is not known to be gone. */
static bool is_gone(const struct process *process) {
  struct process me = myself();
  if (process->machine[0] == '\0' || strcmp(process->machine, me.machine) != 0) return false;
  if (process->boot[0] != '\0' && me.boot[0] != '\0' && strcmp(process->boot, me.boot) != 0) return true;
  if (me.namespace[0] == '\0' || strcmp(process->namespace, me.namespace) != 0) return false;
  char standing = '?', started[FACT] = "";
  if (!stat_of(process->pid, &standing, started)) return kill((pid_t)process->pid, 0) != 0 && errno == ESRCH;
  if (standing == 'Z' || standing == 'X') return true;
  return process->started[0] != '\0' && strcmp(process->started, started) != 0;
}

/* Faults of a disk, on request: a library to preload that makes chosen writes, syncs, truncations and renames of chosen files fail.
 *
 *   cc -shared -fPIC -O2 -o faults.so faults.c -ldl
 *   LD_PRELOAD=./faults.so FAULT_CONTROL=control FAULT_PATHS=-wal FAULT_CALLS=fsync FAULT_ERRNO=EIO program
 *
 * FAULT_PATHS    substrings of paths, with commas between; a call matches where its file's path contains one of them
 * FAULT_CALLS    some of write, fsync, truncate, rename, with commas between; all of them by default
 * FAULT_ERRNO    EIO (default), ENOSPC, or 0: the call reports success and has done nothing
 * FAULT_CONTROL  a file of three int64 in the machine's order: nth, count, seen
 *
 * The control file is shared with whoever tests. While nth is 0 nothing is counted and nothing fails. Otherwise each call that matches
 * adds one to seen, and the calls numbered nth to nth + count - 1 fail. To arm: write seen = 0 and count, then nth.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

struct control {
  int64_t nth, count, seen;
};

enum call { WRITE = 1, FSYNC = 2, TRUNCATE = 4, RENAME = 8 };

static struct control *control;
static const char *paths, *calls;
static int error = EIO;

__attribute__((constructor)) static void start(void) {
  const char *file = getenv("FAULT_CONTROL"), *name = getenv("FAULT_ERRNO");
  paths = getenv("FAULT_PATHS");
  calls = getenv("FAULT_CALLS");
  if (name && !strcmp(name, "ENOSPC")) error = ENOSPC;
  if (name && !strcmp(name, "0")) error = 0;
  int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (map != MAP_FAILED) control = map;
}

/* Whether one of the words of a list, with commas between, is in the text. */
static int any_in(const char *list, const char *text) {
  char word[256];
  for (const char *from = list; from && *from;) {
    size_t length = strcspn(from, ",");
    if (length && length < sizeof word) {
      memcpy(word, from, length);
      word[length] = 0;
      if (strstr(text, word)) return 1;
    }
    from += length + (from[length] == ',');
  }
  return 0;
}

static const char *name_of(enum call call) {
  return call == WRITE ? "write" : call == FSYNC ? "fsync" : call == TRUNCATE ? "truncate" : "rename";
}

/* Counts a call on a path, and says whether it is one of those that fail. */
static int fails_on(enum call call, const char *path) {
  int64_t nth = __atomic_load_n(&control->nth, __ATOMIC_ACQUIRE);
  if (!nth || (calls && *calls && !strstr(calls, name_of(call)))) return 0;
  if (paths && *paths && !any_in(paths, path)) return 0;
  int64_t seen = __atomic_add_fetch(&control->seen, 1, __ATOMIC_SEQ_CST);
  return seen >= nth && seen - nth < control->count;
}

/* The same for a file descriptor, whose path is looked up only while the faults are armed. */
static int fails(enum call call, int fd) {
  if (!control || !__atomic_load_n(&control->nth, __ATOMIC_ACQUIRE)) return 0;
  int before = errno;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = before;
  if (length < 0) return 0;
  path[length] = 0;
  return fails_on(call, path);
}

/* What a failing call returns: -1, or what success would be. */
static ssize_t failed(ssize_t done) {
  if (!error) return done;
  errno = error;
  return -1;
}

#define REAL(name, ...)                          \
  static __typeof__(name) *real;                 \
  if (!real) real = dlsym(RTLD_NEXT, #name);     \
  return real(__VA_ARGS__)

ssize_t write(int fd, const void *from, size_t length) {
  if (fails(WRITE, fd)) return failed(length);
  REAL(write, fd, from, length);
}

ssize_t pwrite(int fd, const void *from, size_t length, off_t at) {
  if (fails(WRITE, fd)) return failed(length);
  REAL(pwrite, fd, from, length, at);
}

ssize_t pwrite64(int fd, const void *from, size_t length, off64_t at) {
  if (fails(WRITE, fd)) return failed(length);
  REAL(pwrite64, fd, from, length, at);
}

int fsync(int fd) {
  if (fails(FSYNC, fd)) return failed(0);
  REAL(fsync, fd);
}

int fdatasync(int fd) {
  if (fails(FSYNC, fd)) return failed(0);
  REAL(fdatasync, fd);
}

int ftruncate(int fd, off_t length) {
  if (fails(TRUNCATE, fd)) return failed(0);
  REAL(ftruncate, fd, length);
}

int ftruncate64(int fd, off64_t length) {
  if (fails(TRUNCATE, fd)) return failed(0);
  REAL(ftruncate64, fd, length);
}

int rename(const char *old, const char *new) {
  if (control && fails_on(RENAME, new)) return failed(0);
  REAL(rename, old, new);
}

/*
 * Hands at the virtual board: presses keys and moves what is wired to lines, at times of its own,
 * since a person's bouncing contact is finer than any network.
 *
 * Reads plans from standard input, a line each: "NUMBER STEP; STEP; ...". Each plan runs in a
 * process of its own, and ends with the answer "NUMBER done BEGAN ENDED" or "NUMBER failed WORDS",
 * where the moments are nanoseconds of CLOCK_MONOTONIC. A step is one of
 *
 *   key ROW COLUMN 1|0     presses or lets go a key of the keypad
 *   pull LINE 1|0          pulls a line of the simulated chip up or down
 *   value LINE             answers "NUMBER value 1|0" at once: what is at the line
 *   wait MICROSECONDS
 *   signal PROCESS NUMBER  as kill(2)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KEYPAD "/sys/devices/platform/keypad-sim.0/key"
#define LINES "/run/board/lines"
enum { PLAN_LIMIT = 64 * 1024 };

static long number;

static long long now(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* One write for a line, so that the lines of several plans do not mix. */
static void answer(const char *format, ...)
{
  char text[256];
  int length = snprintf(text, sizeof(text), "%ld ", number);
  va_list list;

  va_start(list, format);
  length += vsnprintf(text + length, sizeof(text) - length - 1, format, list);
  va_end(list);
  if (length > (int)sizeof(text) - 2)
    length = sizeof(text) - 2;
  text[length++] = '\n';
  if (write(STDOUT_FILENO, text, length) != length)
    exit(1);
}

static void fail(const char *what)
{
  answer("failed %s: %s", what, strerror(errno));
  exit(1);
}

static void put(const char *path, const char *text)
{
  int file = open(path, O_WRONLY | O_CLOEXEC);
  ssize_t length = strlen(text);

  if (file < 0 || write(file, text, length) != length)
    fail(path);
  close(file);
}

/* The path of a line's attribute; the list is of the lines that the chip was made with. */
static void line_path(const char *line, const char *attribute, char *path, size_t size)
{
  char name[64], folder[160];
  FILE *list = fopen(LINES, "re");

  if (!list)
    fail(LINES);
  while (fscanf(list, "%63s %159s", name, folder) == 2) {
    if (strcmp(name, line))
      continue;
    snprintf(path, size, "%s/%s", folder, attribute);
    fclose(list);
    return;
  }
  errno = ENODEV;
  fail(line);
}

static void pause_for(long long microseconds)
{
  struct timespec t = { microseconds / 1000000, microseconds % 1000000 * 1000 };

  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
    ;
}

static void run_step(char *step)
{
  char line[64], path[256], text[64];
  unsigned int row, column, state;
  long long microseconds;
  int process;

  if (sscanf(step, " key %u %u %u", &row, &column, &state) == 3) {
    snprintf(text, sizeof(text), "%u %u %u", row, column, state);
    put(KEYPAD, text);
  } else if (sscanf(step, " pull %63s %u", line, &state) == 2) {
    line_path(line, "pull", path, sizeof(path));
    put(path, state ? "pull-up" : "pull-down");
  } else if (sscanf(step, " value %63s", line) == 1) {
    int file;

    line_path(line, "value", path, sizeof(path));
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, text, 1) != 1)
      fail(path);
    answer("value %c", text[0]);
  } else if (sscanf(step, " signal %d %u", &process, &state) == 2) {
    if (kill(process, state))
      fail("kill");
  } else if (sscanf(step, " wait %lld", &microseconds) == 1 && microseconds >= 0) {
    pause_for(microseconds);
  } else {
    errno = EINVAL;
    fail(step);
  }
}

static void run_plan(char *plan)
{
  char *rest = NULL, *step;
  long long began = now();

  number = strtol(plan, &plan, 10);
  for (step = strtok_r(plan, ";\n", &rest); step; step = strtok_r(NULL, ";\n", &rest))
    run_step(step);
  answer("done %lld %lld", began, now());
}

int main(void)
{
  static char plan[PLAN_LIMIT];

  signal(SIGCHLD, SIG_IGN);
  while (fgets(plan, sizeof(plan), stdin)) {
    pid_t child = fork();

    if (child == 0) {
      run_plan(plan);
      _exit(0);
    }
    if (child < 0)
      return 1;
  }
  return 0;
}

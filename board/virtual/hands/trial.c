/*
 * Carries out a case of Tests/Conformance/lines.txt on the kernel's lines, through the same calls
 * as vendd. Reads the steps from standard input; ends with 0 when all held, else names the one that
 * did not. usage: trial CHIP OUT_OFFSET OUT_FOLDER IN_OFFSET IN_FOLDER, where a folder is that of a
 * simulated line (pull, value).
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "shim.h"

enum { OUT, IN, LINES };
/* How long edges may take to come, and how long it is waited for one too many (milliseconds). */
enum { PATIENCE = 3000, AFTERMATH = 100 };

static const char *chip, *folders[LINES];
static unsigned int offsets[LINES];
static struct vend_gpio_line *held[LINES];

static int fail(const char *words)
{
  printf("%s: %s\n", words, strerror(errno));
  return 1;
}

static int attribute(int which, const char *name, int flags)
{
  char path[256];

  snprintf(path, sizeof(path), "%s/%s", folders[which], name);
  return open(path, flags | O_CLOEXEC);
}

static int wire_is(int wanted)
{
  char value = '?';
  int file = attribute(OUT, "value", O_RDONLY);
  int is_read = file >= 0 && read(file, &value, 1) == 1;

  close(file);
  return is_read && value == '0' + wanted;
}

static int move_world(int level)
{
  const char *pull = level ? "pull-up" : "pull-down";
  int file = attribute(IN, "pull", O_WRONLY);
  int is_moved = file >= 0 && write(file, pull, strlen(pull)) == (ssize_t)strlen(pull);

  close(file);
  return is_moved;
}

static int take(int which)
{
  held[which] = vend_gpio_request(chip, offsets[which], which == OUT ? VEND_GPIO_OUTPUT : 0, 0,
                                  "trial");
  return held[which] != 0;
}

static int is_refused(int which)
{
  struct vend_gpio_line *second =
      vend_gpio_request(chip, offsets[which], which == OUT ? VEND_GPIO_OUTPUT : 0, 0, "second");
  int is_busy = !second && errno == EBUSY;
  struct vend_gpio_line_info info;
  struct vend_gpio_chip *opened = vend_gpio_chip_open(chip);

  vend_gpio_release(second);
  if (!opened || vend_gpio_line_describe(opened, offsets[which], &info) != 0) return 0;
  vend_gpio_chip_close(opened);
  return is_busy && !strcmp(info.consumer, "trial");
}

/* Whether one more edge comes, of this kind and not before the last. */
static int edge_comes(int is_rising, int64_t *last)
{
  struct pollfd entry = { vend_gpio_event_fd(held[IN]), POLLIN, 0 };
  int is_active;
  int64_t at;

  if (poll(&entry, 1, PATIENCE) != 1 || vend_gpio_take_edge(held[IN], &is_active, &at) != 1)
    return 0;
  if (is_active != is_rising || at < *last || at > vend_gpio_monotonic()) return 0;
  *last = at;
  return 1;
}

static int edges_are(const char *wanted)
{
  struct pollfd entry = { vend_gpio_event_fd(held[IN]), POLLIN, 0 };
  int64_t last = 0;

  for (; *wanted == '+' || *wanted == '-'; wanted++)
    if (!edge_comes(*wanted == '+', &last)) return 0;
  return poll(&entry, 1, AFTERMATH) == 0;
}

/* Whether edges come, and the last of them is of this kind. */
static int last_edge_is(int is_rising)
{
  struct pollfd entry = { vend_gpio_event_fd(held[IN]), POLLIN, 0 };
  int is_active = !is_rising;
  int patience = PATIENCE;
  int64_t at;

  for (; poll(&entry, 1, patience) == 1; patience = AFTERMATH)
    if (vend_gpio_take_edge(held[IN], &is_active, &at) != 1) return 0;
  return is_active == is_rising;
}

static int step_holds(const char *step)
{
  char verb[16] = "", first[16] = "";
  int level = 0;
  int count = sscanf(step, "%15s %15s %d", verb, first, &level);
  int which = strcmp(first, "IN") ? OUT : IN;

  if (!strcmp(verb, "take")) return take(which);
  if (!strcmp(verb, "refused")) return is_refused(which);
  if (!strcmp(verb, "set")) return vend_gpio_set(held[OUT], first[0] == '1') == 0;
  if (!strcmp(verb, "reads") && count == 3) return vend_gpio_get(held[which]) == level;
  if (!strcmp(verb, "wire")) return wire_is(first[0] == '1');
  if (!strcmp(verb, "world")) return move_world(first[0] == '1');
  if (!strcmp(verb, "edges")) return edges_are(first);
  if (!strcmp(verb, "last-edge")) return last_edge_is(first[0] == '+');
  if (!strcmp(verb, "wait")) return poll(0, 0, atoi(first)) == 0;
  if (strcmp(verb, "let-go")) return 0;
  vend_gpio_release(held[which]);
  held[which] = 0;
  return 1;
}

int main(int argc, char **argv)
{
  char step[64];
  int number = 0;

  if (argc != 6) return fail("usage: trial CHIP OUT_OFFSET OUT_FOLDER IN_OFFSET IN_FOLDER");
  chip = argv[1];
  for (int which = OUT; which < LINES; which++) {
    offsets[which] = strtoul(argv[2 + which * 2], 0, 10);
    folders[which] = argv[3 + which * 2];
  }
  while (fgets(step, sizeof(step), stdin)) {
    number++;
    errno = 0;
    if (!step_holds(step)) {
      printf("step %d: %s", number, step);
      return fail("does not hold");
    }
  }
  return 0;
}

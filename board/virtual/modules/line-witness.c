// SPDX-License-Identifier: GPL-2.0
/*
 * Tells every change of an output of gpio-sim to the emulator, at once and in order: a text line
 * "NANOSECONDS OFFSET VALUE" on I/O port 0xE9 (QEMU's isa-debugcon), where the time is that of
 * CLOCK_MONOTONIC. A VALUE of "z" means that the line was let go, and is no output any more.
 *
 * Nothing of it waits in the board: a byte has left when the processor goes on, so a board whose
 * power is cut in the next instant has still told. Debian's kernel has no tracepoints of GPIO
 * lines, hence the probes at the chip's own functions.
 */
#include <linux/gpio/driver.h>
#include <linux/io.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/spinlock.h>

#define PORT 0xE9

static DEFINE_RAW_SPINLOCK(port_lock);

static void tell(u64 at, unsigned int offset, const char *value)
{
  char line[48];
  int length = scnprintf(line, sizeof(line), "%llu %u %s\n", at, offset, value);
  unsigned long flags;
  int i;

  raw_spin_lock_irqsave(&port_lock, flags);
  for (i = 0; i < length; i++)
    outb(line[i], PORT);
  raw_spin_unlock_irqrestore(&port_lock, flags);
}

/* gpio_sim_set and gpio_sim_direction_output: (chip, offset, value) */
static int one(struct kprobe *probe, struct pt_regs *regs)
{
  tell(ktime_get_ns(), regs->si, regs->dx & 0xFFFFFFFF ? "1" : "0");
  return 0;
}

/* gpio_sim_set_multiple: (chip, mask, bits) */
static int several(struct kprobe *probe, struct pt_regs *regs)
{
  struct gpio_chip *chip = (struct gpio_chip *)regs->di;
  unsigned long *mask = (unsigned long *)regs->si, *bits = (unsigned long *)regs->dx;
  u64 at = ktime_get_ns();
  unsigned int offset;

  for_each_set_bit(offset, mask, chip->ngpio)
    tell(at, offset, test_bit(offset, bits) ? "1" : "0");
  return 0;
}

/* gpio_sim_direction_input and gpio_sim_free: (chip, offset) */
static int let_go(struct kprobe *probe, struct pt_regs *regs)
{
  tell(ktime_get_ns(), regs->si, "z");
  return 0;
}

static struct kprobe probes[] = {
  { .symbol_name = "gpio_sim_set", .pre_handler = one },
  { .symbol_name = "gpio_sim_direction_output", .pre_handler = one },
  { .symbol_name = "gpio_sim_set_multiple", .pre_handler = several },
  { .symbol_name = "gpio_sim_direction_input", .pre_handler = let_go },
  { .symbol_name = "gpio_sim_free", .pre_handler = let_go },
};
static struct kprobe *probe_list[ARRAY_SIZE(probes)];

static int __init witness_init(void)
{
  unsigned int i;

  for (i = 0; i < ARRAY_SIZE(probes); i++)
    probe_list[i] = &probes[i];
  return register_kprobes(probe_list, ARRAY_SIZE(probes));
}

static void __exit witness_exit(void)
{
  unregister_kprobes(probe_list, ARRAY_SIZE(probes));
}

module_init(witness_init);
module_exit(witness_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tells changes of simulated GPIO outputs outside, for tests");

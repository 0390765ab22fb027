// SPDX-License-Identifier: GPL-2.0
/*
 * A matrix keypad as a GPIO chip of its own, for tests. Lines 0..rows-1 are KEY_ROWn, the rest
 * KEY_COLn. A pressed key connects its row and its column; every line has a pull-up. What is driven
 * low pulls down whatever pressed keys connect it with, through undriven lines too, so that three
 * keys at the corners of a rectangle make a fourth, as in a keypad without diodes.
 *
 * Levels are worked out when they are read, so a scan sees a key however short its settling time,
 * and a column that changes raises its interrupt.
 *
 * Keys: write "ROW COLUMN 1" (down) or "ROW COLUMN 0" (up) to .../platform/keypad-sim.0/key; read
 * it for the keys that are down.
 */
#include <linux/gpio/driver.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irq_sim.h>
#include <linux/irqdomain.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static unsigned int rows = 4, columns = 3;
module_param(rows, uint, 0444);
module_param(columns, uint, 0444);

enum { MAX_LINES = 32 };

struct keypad {
  struct gpio_chip chip;
  struct irq_domain *irqs;
  spinlock_t lock;
  u32 output;  /* lines that are driven */
  u32 level;  /* how they are driven */
  u32 told;  /* columns as the last interrupts told them */
  u32 down[MAX_LINES]; /* by row: the columns whose keys are pressed */
  char names[MAX_LINES][12];
  const char *name_list[MAX_LINES];
};

/* With the lock held: the level of every line. */
static u32 levels(struct keypad *k)
{
  u32 all = GENMASK(rows + columns - 1, 0);
  u32 low = k->output & ~k->level & all;
  /* A line that is driven high neither goes low nor passes low on. */
  u32 high = k->output & k->level;
  u32 before;
  unsigned int r;

  do {
    before = low;
    for (r = 0; r < rows; r++) {
      u32 group = BIT(r) | (k->down[r] << rows);

      if (k->down[r] && !(high & BIT(r)) && (group & low))
        low |= group & ~high;
    }
  } while (low != before);
  return all & ~low;
}

/* With the lock held: the columns that differ from what was told. */
static u32 news(struct keypad *k, u32 *now)
{
  u32 diff;

  *now = levels(k) & GENMASK(rows + columns - 1, rows);
  diff = *now ^ k->told;
  k->told = *now;
  return diff;
}

static void tell(struct keypad *k, u32 diff, u32 now)
{
  unsigned int i;

  for (i = rows; i < rows + columns; i++) {
    int irq, type;

    if (!(diff & BIT(i)))
      continue;
    irq = irq_find_mapping(k->irqs, i);
    if (!irq)
      continue;
    type = irq_get_trigger_type(irq);
    if (type & ((now & BIT(i)) ? IRQ_TYPE_EDGE_RISING : IRQ_TYPE_EDGE_FALLING))
      irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true);
  }
}

static void drive(struct keypad *k, u32 mask, u32 level, bool output)
{
  unsigned long flags;
  u32 diff, now;

  spin_lock_irqsave(&k->lock, flags);
  k->level = (k->level & ~mask) | (level & mask);
  k->output = output ? k->output | mask : k->output & ~mask;
  diff = news(k, &now);
  spin_unlock_irqrestore(&k->lock, flags);
  tell(k, diff, now);
}

static int keypad_get(struct gpio_chip *chip, unsigned int offset)
{
  struct keypad *k = gpiochip_get_data(chip);
  unsigned long flags;
  int value;

  spin_lock_irqsave(&k->lock, flags);
  value = !!(levels(k) & BIT(offset));
  spin_unlock_irqrestore(&k->lock, flags);
  return value;
}

static void keypad_set(struct gpio_chip *chip, unsigned int offset, int value)
{
  drive(gpiochip_get_data(chip), BIT(offset), value ? BIT(offset) : 0, true);
}

static int keypad_output(struct gpio_chip *chip, unsigned int offset, int value)
{
  drive(gpiochip_get_data(chip), BIT(offset), value ? BIT(offset) : 0, true);
  return 0;
}

static int keypad_input(struct gpio_chip *chip, unsigned int offset)
{
  drive(gpiochip_get_data(chip), BIT(offset), 0, false);
  return 0;
}

static int keypad_direction(struct gpio_chip *chip, unsigned int offset)
{
  struct keypad *k = gpiochip_get_data(chip);

  return k->output & BIT(offset) ? GPIO_LINE_DIRECTION_OUT : GPIO_LINE_DIRECTION_IN;
}

/* Open drain is left to gpiolib, which lets go of the line in place of driving it high. */
static int keypad_config(struct gpio_chip *chip, unsigned int offset, unsigned long config)
{
  switch (pinconf_to_config_param(config)) {
  case PIN_CONFIG_BIAS_PULL_UP:
  case PIN_CONFIG_DRIVE_PUSH_PULL:
    return 0;
  default:
    return -ENOTSUPP;
  }
}

static int keypad_to_irq(struct gpio_chip *chip, unsigned int offset)
{
  struct keypad *k = gpiochip_get_data(chip);

  return irq_create_mapping(k->irqs, offset);
}

static void keypad_free(struct gpio_chip *chip, unsigned int offset)
{
  keypad_input(chip, offset);
}

static ssize_t key_store(struct device *dev, struct device_attribute *attr, const char *buf,
       size_t len)
{
  struct keypad *k = dev_get_drvdata(dev);
  unsigned int row, column, state;
  unsigned long flags;
  u32 diff, now;

  if (sscanf(buf, "%u %u %u", &row, &column, &state) != 3 || row >= rows ||
      column >= columns || state > 1)
    return -EINVAL;
  spin_lock_irqsave(&k->lock, flags);
  if (state)
    k->down[row] |= BIT(column);
  else
    k->down[row] &= ~BIT(column);
  diff = news(k, &now);
  spin_unlock_irqrestore(&k->lock, flags);
  tell(k, diff, now);
  return len;
}

static ssize_t key_show(struct device *dev, struct device_attribute *attr, char *buf)
{
  struct keypad *k = dev_get_drvdata(dev);
  unsigned int row, column;
  int length = 0;

  for (row = 0; row < rows; row++)
    for (column = 0; column < columns; column++)
      if (k->down[row] & BIT(column))
        length += sysfs_emit_at(buf, length, "%u %u\n", row, column);
  return length;
}
static DEVICE_ATTR_RW(key);

static struct attribute *keypad_attrs[] = { &dev_attr_key.attr, NULL };
ATTRIBUTE_GROUPS(keypad);

static void keypad_dispose(void *data)
{
  struct keypad *k = data;
  unsigned int i;

  for (i = 0; i < rows + columns; i++)
    irq_dispose_mapping(irq_find_mapping(k->irqs, i));
}

static int keypad_probe(struct platform_device *pdev)
{
  struct keypad *k;
  unsigned int i;
  int err;

  if (!rows || !columns || rows + columns > MAX_LINES - 1)
    return -EINVAL;
  k = devm_kzalloc(&pdev->dev, sizeof(*k), GFP_KERNEL);
  if (!k)
    return -ENOMEM;
  spin_lock_init(&k->lock);
  k->told = GENMASK(rows + columns - 1, rows);
  for (i = 0; i < rows + columns; i++) {
    snprintf(k->names[i], sizeof(k->names[i]), i < rows ? "KEY_ROW%u" : "KEY_COL%u",
       i < rows ? i : i - rows);
    k->name_list[i] = k->names[i];
  }
  k->irqs = devm_irq_domain_create_sim(&pdev->dev, NULL, rows + columns);
  if (IS_ERR(k->irqs))
    return PTR_ERR(k->irqs);
  err = devm_add_action_or_reset(&pdev->dev, keypad_dispose, k);
  if (err)
    return err;
  k->chip = (struct gpio_chip) {
    .label = "keypad-sim", .parent = &pdev->dev, .owner = THIS_MODULE, .base = -1,
    .ngpio = rows + columns, .names = k->name_list,
    .get = keypad_get, .set = keypad_set,
    .direction_output = keypad_output, .direction_input = keypad_input,
    .get_direction = keypad_direction, .set_config = keypad_config,
    .to_irq = keypad_to_irq, .free = keypad_free,
  };
  platform_set_drvdata(pdev, k);
  return devm_gpiochip_add_data(&pdev->dev, &k->chip, k);
}

static struct platform_driver keypad_driver = {
  .driver = { .name = "keypad-sim", .dev_groups = keypad_groups },
  .probe = keypad_probe,
};
static struct platform_device *keypad_device;

static int __init keypad_init(void)
{
  int err = platform_driver_register(&keypad_driver);

  if (err)
    return err;
  keypad_device = platform_device_register_simple("keypad-sim", 0, NULL, 0);
  if (IS_ERR(keypad_device)) {
    platform_driver_unregister(&keypad_driver);
    return PTR_ERR(keypad_device);
  }
  return 0;
}

static void __exit keypad_exit(void)
{
  platform_device_unregister(keypad_device);
  platform_driver_unregister(&keypad_driver);
}

module_init(keypad_init);
module_exit(keypad_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Matrix keypad as a GPIO chip, for tests");

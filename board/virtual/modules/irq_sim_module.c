// SPDX-License-Identifier: GPL-2.0
/*
 * Debian's amd64 kernel leaves CONFIG_IRQ_SIM unset, so what gpio-sim needs of it is built here as
 * a module. irq_to_desc is not exported to modules; irq_get_irq_data is, and leads to the same
 * place.
 */
#include <linux/irq.h>
#include <linux/irqdesc.h>
#define irq_to_desc(number) irq_data_to_desc(irq_get_irq_data(number))
#include "irq_sim.c"
#include <linux/module.h>
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("irq_sim, built outside the tree");

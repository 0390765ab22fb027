// libusb, told not to look for devices by itself: they are found in sysfs and handed over opened.
// It then needs neither udev nor a netlink socket nor a thread of its own.
#ifndef VEND_CUSB_H
#define VEND_CUSB_H
#include <libusb.h>

// libusb_set_option takes a variable number of arguments, which Swift cannot call.
static inline int vend_usb_init(libusb_context **out) {
  int result = libusb_set_option(NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
  return result != 0 ? result : libusb_init(out);
}
#endif

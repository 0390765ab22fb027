// What a framebuffer device says about its memory (linux/fb.h), in one flat structure.
#ifndef VEND_CFRAMEBUFFER_H
#define VEND_CFRAMEBUFFER_H
#include <errno.h>
#include <linux/fb.h>
#include <linux/kd.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

struct vend_framebuffer {
  uint32_t width, height, x_offset, y_offset;
  uint32_t bits_per_pixel, bytes_per_row;
  uint32_t red_offset, red_length, green_offset, green_length, blue_offset, blue_length;
};

// 0 or -errno.
static inline int vend_framebuffer_read(int fd, struct vend_framebuffer *out) {
  struct fb_var_screeninfo variable;
  struct fb_fix_screeninfo fixed;
  memset(&variable, 0, sizeof variable);
  memset(&fixed, 0, sizeof fixed);
  if (ioctl(fd, FBIOGET_VSCREENINFO, &variable) != 0) return -errno;
  if (ioctl(fd, FBIOGET_FSCREENINFO, &fixed) != 0) return -errno;
  out->width = variable.xres;
  out->height = variable.yres;
  out->x_offset = variable.xoffset;
  out->y_offset = variable.yoffset;
  out->bits_per_pixel = variable.bits_per_pixel;
  out->bytes_per_row = fixed.line_length;
  out->red_offset = variable.red.offset;
  out->red_length = variable.red.length;
  out->green_offset = variable.green.offset;
  out->green_length = variable.green.length;
  out->blue_offset = variable.blue.offset;
  out->blue_length = variable.blue.length;
  return 0;
}

// Lights a panel that the console's screen saver has switched off; 0 or -errno.
static inline int vend_framebuffer_light(int fd) {
  return ioctl(fd, FBIOBLANK, FB_BLANK_UNBLANK) == 0 ? 0 : -errno;
}

// Stops the console from drawing, or lets it draw again; 0 or -errno.
static inline int vend_console_graphics(int fd, int on) {
  return ioctl(fd, KDSETMODE, on ? KD_GRAPHICS : KD_TEXT) == 0 ? 0 : -errno;
}
#endif

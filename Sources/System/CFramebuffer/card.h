// One picture on a graphics card of the kernel's (DRM/KMS): a dumb buffer on the first screen that
// is connected. See drm-kms(7) and drm-memory(7); the kernel's calls are used as they are.
#ifndef VEND_CARD_H
#define VEND_CARD_H
#include <errno.h>
#include <libdrm/drm.h>
#include <libdrm/drm_mode.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

enum { VEND_CARD_OBJECTS = 32, VEND_CARD_MODES = 64 };

struct vend_card {
  uint32_t connector, crtc, framebuffer, handle;
  uint32_t width, height, pitch;
  // What the screen showed before us; zeros for nothing.
  struct drm_mode_crtc before;
  struct drm_mode_modeinfo mode;
  uint64_t size;
  // Where the buffer is mapped; 0 for nowhere.
  uintptr_t memory;
};

static inline int vend_card_call(int fd, unsigned long request, void *argument) {
  int result;
  do {
    result = ioctl(fd, request, argument);
  } while (result != 0 && (errno == EINTR || errno == EAGAIN));
  return result == 0 ? 0 : -errno;
}

// 1 when something is plugged into the connector, else 0, or -errno. Without `modes` the kernel
// asks the screen anew.
static inline int vend_card_connector(
    int fd, uint32_t connector, struct drm_mode_get_connector *said,
    struct drm_mode_modeinfo *modes, uint32_t *encoders) {
  memset(said, 0, sizeof *said);
  said->connector_id = connector;
  int result = vend_card_call(fd, DRM_IOCTL_MODE_GETCONNECTOR, said);
  if (result != 0) return result;
  if (said->connection != 1 || said->count_modes == 0) return 0;
  struct drm_mode_get_connector more;
  memset(&more, 0, sizeof more);
  more.connector_id = connector;
  more.modes_ptr = (uintptr_t)modes;
  more.count_modes = said->count_modes;
  more.encoders_ptr = (uintptr_t)encoders;
  more.count_encoders = said->count_encoders;
  if (more.count_modes > VEND_CARD_MODES || more.count_encoders > VEND_CARD_OBJECTS) return -E2BIG;
  result = vend_card_call(fd, DRM_IOCTL_MODE_GETCONNECTOR, &more);
  *said = more;
  if (result != 0) return result;
  // Another screen in between may have more modes than there was room for.
  return more.connection == 1 && more.count_modes > 0 && more.count_modes <= VEND_CARD_MODES &&
         more.count_encoders <= VEND_CARD_OBJECTS;
}

// Whether something is still plugged into the card's connector, as the kernel knows without asking.
static inline int vend_card_is_connected(int fd, const struct vend_card *card) {
  struct drm_mode_modeinfo mode;
  struct drm_mode_get_connector said;
  memset(&said, 0, sizeof said);
  said.connector_id = card->connector;
  said.count_modes = 1;
  said.modes_ptr = (uintptr_t)&mode;
  int result = vend_card_call(fd, DRM_IOCTL_MODE_GETCONNECTOR, &said);
  return result != 0 ? result : said.connection == 1;
}

// The first engine that can feed the connector: the one that does already, if any.
static inline uint32_t vend_card_engine(
    int fd, const struct drm_mode_get_connector *said, const uint32_t *encoders,
    const uint32_t *crtcs, uint32_t count) {
  struct drm_mode_get_encoder encoder;
  if (said->encoder_id != 0) {
    memset(&encoder, 0, sizeof encoder);
    encoder.encoder_id = said->encoder_id;
    if (vend_card_call(fd, DRM_IOCTL_MODE_GETENCODER, &encoder) == 0 && encoder.crtc_id != 0)
      return encoder.crtc_id;
  }
  for (uint32_t i = 0; i < said->count_encoders; i++) {
    memset(&encoder, 0, sizeof encoder);
    encoder.encoder_id = encoders[i];
    if (vend_card_call(fd, DRM_IOCTL_MODE_GETENCODER, &encoder) != 0) continue;
    for (uint32_t c = 0; c < count; c++)
      if (encoder.possible_crtcs & (UINT32_C(1) << c)) return crtcs[c];
  }
  return 0;
}

// Finds a connected screen, and of its modes the one of that size, upright or turned, or its
// favourite, which comes first. -ENODEV when no screen is connected.
static inline int vend_card_find(int fd, struct vend_card *card, uint32_t width, uint32_t height) {
  uint32_t connectors[VEND_CARD_OBJECTS], crtcs[VEND_CARD_OBJECTS], encoders[VEND_CARD_OBJECTS];
  struct drm_mode_modeinfo modes[VEND_CARD_MODES];
  struct drm_mode_card_res resources;
  memset(&resources, 0, sizeof resources);
  resources.connector_id_ptr = (uintptr_t)connectors;
  resources.count_connectors = VEND_CARD_OBJECTS;
  resources.crtc_id_ptr = (uintptr_t)crtcs;
  resources.count_crtcs = VEND_CARD_OBJECTS;
  int result = vend_card_call(fd, DRM_IOCTL_MODE_GETRESOURCES, &resources);
  if (result != 0) return result;
  if (resources.count_connectors > VEND_CARD_OBJECTS || resources.count_crtcs > VEND_CARD_OBJECTS)
    return -E2BIG;
  for (uint32_t i = 0; i < resources.count_connectors; i++) {
    struct drm_mode_get_connector said;
    if (vend_card_connector(fd, connectors[i], &said, modes, encoders) != 1) continue;
    uint32_t crtc = vend_card_engine(fd, &said, encoders, crtcs, resources.count_crtcs);
    if (crtc == 0) continue;
    card->connector = connectors[i];
    card->crtc = crtc;
    card->mode = modes[0];
    for (uint32_t m = 0; m < said.count_modes; m++) {
      uint32_t w = modes[m].hdisplay, h = modes[m].vdisplay;
      if ((w == width && h == height) || (w == height && h == width)) {
        card->mode = modes[m];
        break;
      }
    }
    card->width = card->mode.hdisplay;
    card->height = card->mode.vdisplay;
    return 0;
  }
  return -ENODEV;
}

// Gives everything back, and the screen to whoever had it.
static inline void vend_card_close(int fd, struct vend_card *card) {
  if (card->before.mode_valid) {
    uint32_t connector = card->connector;
    card->before.set_connectors_ptr = (uintptr_t)&connector;
    card->before.count_connectors = 1;
    vend_card_call(fd, DRM_IOCTL_MODE_SETCRTC, &card->before);
  }
  if (card->memory != 0) munmap((void *)card->memory, card->size);
  if (card->framebuffer != 0) vend_card_call(fd, DRM_IOCTL_MODE_RMFB, &card->framebuffer);
  if (card->handle != 0) {
    struct drm_mode_destroy_dumb destroy = {.handle = card->handle};
    vend_card_call(fd, DRM_IOCTL_MODE_DESTROY_DUMB, &destroy);
  }
  memset(card, 0, sizeof *card);
}

// A buffer of 32 bits a pixel, xRGB, black, mapped.
static inline int vend_card_buffer(int fd, struct vend_card *card) {
  struct drm_mode_create_dumb dumb = {.width = card->width, .height = card->height, .bpp = 32};
  int result = vend_card_call(fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb);
  if (result != 0) return result;
  card->handle = dumb.handle;
  card->pitch = dumb.pitch;
  card->size = dumb.size;
  if (dumb.pitch < card->width * 4 || dumb.size < (uint64_t)dumb.pitch * card->height)
    return -EPROTO;
  struct drm_mode_fb_cmd framebuffer = {
      .width = card->width, .height = card->height, .pitch = dumb.pitch, .bpp = 32, .depth = 24,
      .handle = dumb.handle};
  result = vend_card_call(fd, DRM_IOCTL_MODE_ADDFB, &framebuffer);
  if (result != 0) return result;
  card->framebuffer = framebuffer.fb_id;
  struct drm_mode_map_dumb map = {.handle = dumb.handle};
  result = vend_card_call(fd, DRM_IOCTL_MODE_MAP_DUMB, &map);
  if (result != 0) return result;
  void *memory = mmap(NULL, dumb.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)map.offset);
  if (memory == MAP_FAILED) return -errno;
  card->memory = (uintptr_t)memory;
  memset(memory, 0, dumb.size);
  return 0;
}

// Takes the card's screen; 0 or -errno, and nothing is taken then.
static inline int vend_card_open(int fd, struct vend_card *card, uint32_t width, uint32_t height) {
  memset(card, 0, sizeof *card);
  int result = vend_card_find(fd, card, width, height);
  if (result == 0) result = vend_card_buffer(fd, card);
  if (result == 0) {
    struct drm_mode_crtc before;
    memset(&before, 0, sizeof before);
    before.crtc_id = card->crtc;
    int known = vend_card_call(fd, DRM_IOCTL_MODE_GETCRTC, &before);
    uint32_t connector = card->connector;
    struct drm_mode_crtc now;
    memset(&now, 0, sizeof now);
    now.crtc_id = card->crtc;
    now.fb_id = card->framebuffer;
    now.set_connectors_ptr = (uintptr_t)&connector;
    now.count_connectors = 1;
    now.mode = card->mode;
    now.mode_valid = 1;
    result = vend_card_call(fd, DRM_IOCTL_MODE_SETCRTC, &now);
    if (result == 0 && known == 0) card->before = before;
  }
  if (result != 0) vend_card_close(fd, card);
  return result;
}

// Copies a part of a row into the buffer; -EINVAL when it does not lie inside.
static inline int vend_card_write(
    const struct vend_card *card, uint64_t offset, const uint8_t *bytes, uint64_t count) {
  if (card->memory == 0 || offset > card->size || count > card->size - offset) return -EINVAL;
  memcpy((uint8_t *)card->memory + offset, bytes, count);
  return 0;
}

// Tells a card that copies, such as one behind USB, which part changed; others know no such call.
static inline int vend_card_flush(
    int fd, const struct vend_card *card, uint16_t x1, uint16_t y1, uint16_t x2, uint16_t y2) {
  struct drm_clip_rect clip = {.x1 = x1, .y1 = y1, .x2 = x2, .y2 = y2};
  struct drm_mode_fb_dirty_cmd dirty = {
      .fb_id = card->framebuffer, .num_clips = 1, .clips_ptr = (uintptr_t)&clip};
  int result = vend_card_call(fd, DRM_IOCTL_MODE_DIRTYFB, &dirty);
  return result == -ENOSYS || result == -EINVAL ? 0 : result;
}
#endif

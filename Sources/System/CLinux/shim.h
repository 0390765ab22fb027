// Linux calls that Glibc's Swift module leaves out, and macros that Swift cannot import.
#ifndef VEND_CLINUX_H
#define VEND_CLINUX_H
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static inline int vend_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int vend_epoll_add(int epoll, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data = {.fd = fd}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}
static inline int vend_epoll_change(int epoll, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data = {.fd = fd}};
  return epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}
static inline int vend_epoll_remove(int epoll, int fd) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, 0);
}
// Waits for at most `capacity` (up to 32) ready descriptors; timeout in milliseconds, -1 for ever.
static inline int vend_epoll_wait(int epoll, int *fds, uint32_t *events, int capacity,
                                  int timeout) {
  struct epoll_event ready[32];
  int count = epoll_wait(epoll, ready, capacity < 32 ? capacity : 32, timeout);
  for (int i = 0; i < count; i++) {
    fds[i] = ready[i].data.fd;
    events[i] = ready[i].events;
  }
  return count;
}
static inline int vend_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline int vend_timerfd(void) {
  return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
}
// Arms the timer for an absolute CLOCK_MONOTONIC instant; 0 disarms it.
static inline int vend_timerfd_arm(int fd, int64_t nanoseconds) {
  struct itimerspec spec = {{0, 0}, {nanoseconds / 1000000000, nanoseconds % 1000000000}};
  return timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, 0);
}
// Blocks the signals in every thread made from now on and delivers them to a descriptor.
static inline int vend_signalfd(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
  if (pthread_sigmask(SIG_BLOCK, &set, 0) != 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
static inline int vend_signalfd_read(int fd) {
  struct signalfd_siginfo info;
  return read(fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : -1;
}
static inline int64_t vend_clock(int clock) {
  struct timespec now;
  if (clock_gettime(clock, &now) != 0) return 0;
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
static inline int64_t vend_monotonic_nanoseconds(void) { return vend_clock(CLOCK_MONOTONIC); }
static inline int64_t vend_realtime_nanoseconds(void) { return vend_clock(CLOCK_REALTIME); }

// UNIX sockets; a path that begins with '@' names the abstract namespace. 0 or -errno.
static inline int vend_unix_address(const char *path, struct sockaddr_un *address,
                                    socklen_t *length) {
  size_t n = strlen(path);
  if (n == 0 || n >= sizeof address->sun_path) return -ENAMETOOLONG;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, n);
  *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
  if (path[0] == '@') {
    address->sun_path[0] = 0;
    *length -= 1;
  }
  return 0;
}
static inline int vend_unix_connect(const char *path, int type) {
  struct sockaddr_un address;
  socklen_t length;
  int bad = vend_unix_address(path, &address, &length);
  if (bad) return bad;
  int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  // Who listens but takes nobody would hold us for ever once its queue is full: EAGAIN instead,
  // after as long as sending may take (unix(7), socket(7)).
  struct timeval limit = {.tv_sec = 2}, none = {0};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (connect(fd, (struct sockaddr *)&address, length) != 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none);
  return fd;
}
static inline int vend_unix_listen(const char *path, int backlog) {
  struct sockaddr_un address;
  socklen_t length;
  int bad = vend_unix_address(path, &address, &length);
  if (bad) return bad;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  if (bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, backlog) != 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}
// Declared here since <sys/socket.h> hides it without _GNU_SOURCE, and with that macro types such
// as fd_set differ from those of Swift's own Glibc module, which does not build then.
extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
static inline int vend_accept(int fd) {
  return accept4(fd, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
}
// The user at the other end of a UNIX socket, as the kernel knows him (unix(7), SO_PEERCRED).
static inline int vend_peer_user(int fd, uint32_t *user) {
  struct {
    pid_t process;
    uid_t user;
    gid_t group;
  } peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -errno;
  *user = peer.user;
  return 0;
}
static inline int vend_ioctl_pointer(int fd, unsigned long request, void *argument) {
  return ioctl(fd, request, argument);
}
static inline void vend_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
// Dies with its parent: for processes that a simulation starts.
static inline void vend_die_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0); }

// Sends without waiting and without SIGPIPE: bytes sent, or -errno.
static inline ssize_t vend_send(int fd, const void *bytes, size_t count) {
  ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? -errno : sent;
}
static inline int vend_pair(int pair[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
}

// Serial lines.
static inline speed_t vend_speed(int baud) {
  switch (baud) {
    case 1200: return B1200;
    case 2400: return B2400;
    case 4800: return B4800;
    case 9600: return B9600;
    case 19200: return B19200;
    case 38400: return B38400;
    case 57600: return B57600;
    case 115200: return B115200;
    case 230400: return B230400;
    case 460800: return B460800;
    case 500000: return B500000;
    case 576000: return B576000;
    case 921600: return B921600;
    case 1000000: return B1000000;
    case 1152000: return B1152000;
    case 1500000: return B1500000;
    case 2000000: return B2000000;
    default: return B0;
  }
}
// Raw, 8 data bits, no parity, 1 stop bit, no flow control, modem lines ignored. 0 or -errno.
static inline int vend_tty_raw(int fd, int baud) {
  struct termios settings;
  speed_t speed = vend_speed(baud);
  if (speed == B0) return -EINVAL;
  if (tcgetattr(fd, &settings) != 0) return -errno;
  cfmakeraw(&settings);
  settings.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
  settings.c_cflag |= CLOCAL | CREAD;
  if (cfsetispeed(&settings, speed) != 0 || cfsetospeed(&settings, speed) != 0) return -errno;
  return tcsetattr(fd, TCSANOW, &settings) != 0 ? -errno : 0;
}
// Asks for the port for ourselves alone; root is not stopped by this. 0 or -errno.
// Whether a terminal shows what is typed into it.
static inline int vend_tty_echo(int fd, int isOn) {
  struct termios settings;
  if (tcgetattr(fd, &settings) != 0) return -errno;
  settings.c_lflag = isOn ? settings.c_lflag | ECHO : settings.c_lflag & ~(tcflag_t)ECHO;
  return tcsetattr(fd, TCSAFLUSH, &settings) != 0 ? -errno : 0;
}
static inline int vend_tty_exclusive(int fd) { return ioctl(fd, TIOCEXCL) != 0 ? -errno : 0; }
// Asserts DTR and RTS, which some panels want; a port without modem lines says so. 0 or -errno.
static inline int vend_tty_assert_modem_lines(int fd) {
  int lines = TIOCM_DTR | TIOCM_RTS;
  return ioctl(fd, TIOCMBIS, &lines) != 0 ? -errno : 0;
}
// A pseudo-terminal in raw mode; the controlling side does not block. 0 or -errno.
static inline int vend_open_pty(int *controller, int *terminal, char *path, size_t size) {
  if (openpty(controller, terminal, 0, 0, 0) != 0) return -errno;
  int bad = vend_tty_raw(*terminal, 115200);
  if (!bad) bad = -ttyname_r(*terminal, path, size);
  fcntl(*controller, F_SETFD, FD_CLOEXEC);
  fcntl(*terminal, F_SETFD, FD_CLOEXEC);
  fcntl(*controller, F_SETFL, fcntl(*controller, F_GETFL) | O_NONBLOCK);
  if (bad) {
    close(*controller);
    close(*terminal);
  }
  return bad;
}
// What dl_iterate_phdr(3) tells of a loaded object; its own declaration hides without _GNU_SOURCE.
struct vend_object {
  ElfW(Addr) base;
  const char *name;
  const ElfW(Phdr) *segments;
  ElfW(Half) count;
};
extern int dl_iterate_phdr(int (*)(struct vend_object *, size_t, void *), void *);
static inline int vend_release_segments(struct vend_object *object, size_t size, void *page) {
  (void)size;
  for (int i = 0; i < object->count; i++) {
    const ElfW(Phdr) *segment = &object->segments[i];
    // A segment that was ever writable holds relocations, which no file has.
    if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
    ElfW(Addr) start = object->base + segment->p_vaddr, mask = *(ElfW(Addr) *)page - 1;
    ElfW(Addr) first = (start + mask) & ~mask, end = (start + segment->p_memsz) & ~mask;
    if (first < end) madvise((void *)first, end - first, MADV_DONTNEED);
  }
  return 0;
}
// Unmaps the pages of code and constants, and gives free heap back.
static inline void vend_release_pages(void) {
  ElfW(Addr) page = (ElfW(Addr))sysconf(_SC_PAGESIZE);
  dl_iterate_phdr(vend_release_segments, &page);
  malloc_trim(0);
}
// A spawned process keeps no descriptor from `first` on, whoever forgot CLOEXEC (glibc 2.34).
static inline int vend_spawn_closing_from(void *file_actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(
      (posix_spawn_file_actions_t *)file_actions, first);
}
#endif

// ptrace(2): what a simulation needs to count another process's system calls and to answer one in
// the kernel's place. Results are 0 or more, or -errno.
#ifndef VEND_CTRACE_H
#define VEND_CTRACE_H
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int vend_trace_result(long result) { return result < 0 ? -errno : 0; }

// Attaches to a running thread without stopping it. Threads and children that it starts are
// attached too, and all of it dies should we.
static inline int vend_trace_seize(int thread) {
  long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                 PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  return vend_trace_result(ptrace(PTRACE_SEIZE, thread, 0L, options));
}
static inline int vend_trace_interrupt(int thread) {
  return vend_trace_result(ptrace(PTRACE_INTERRUPT, thread, 0L, 0L));
}
// Lets a stopped thread run to its next system call, with the signal that it stopped for.
static inline int vend_trace_resume(int thread, int signal) {
  return vend_trace_result(ptrace(PTRACE_SYSCALL, thread, 0L, (long)signal));
}
// Lets a thread that was stopped by a stop signal stay stopped, and hears of its continuation.
static inline int vend_trace_listen(int thread) {
  return vend_trace_result(ptrace(PTRACE_LISTEN, thread, 0L, 0L));
}
// Waits for the next stop or end of a thread that the calling thread traces; never for the children
// of other threads.
static inline int vend_trace_wait(int *status) {
  int thread = waitpid(-1, status, __WALL | __WNOTHREAD);
  return thread < 0 ? -errno : thread;
}
static inline int vend_trace_is_stopped(int status) { return WIFSTOPPED(status); }
static inline int vend_trace_signal(int status) { return WSTOPSIG(status); }
static inline int vend_trace_event(int status) { return status >> 16; }
static const int vend_trace_event_exec = PTRACE_EVENT_EXEC;
static const int vend_trace_event_stop = PTRACE_EVENT_STOP;
static const int vend_trace_call_signal = SIGTRAP | 0x80;

// A thread at the border of a system call.
struct vend_trace_call {
  int is_entry;
  int64_t number;
  uint64_t arguments[6];
};
static inline int vend_trace_look(int thread, struct vend_trace_call *call) {
  struct __ptrace_syscall_info info;
  memset(&info, 0, sizeof info);
  long got = ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info);
  if (got < 0) return -errno;
  call->is_entry = info.op == PTRACE_SYSCALL_INFO_ENTRY;
  call->number = call->is_entry ? (int64_t)info.entry.nr : -1;
  for (int i = 0; i < 6; i++) call->arguments[i] = call->is_entry ? info.entry.args[i] : 0;
  return 0;
}

#if defined(__x86_64__)
// At the entry: the kernel is asked for a call that there is not, and so does nothing.
static inline int vend_trace_skip(int thread) {
  long place = (long)offsetof(struct user, regs.orig_rax);
  return vend_trace_result(ptrace(PTRACE_POKEUSER, thread, place, -1L));
}
// At the exit: what the call returns.
static inline int vend_trace_answer(int thread, int64_t result) {
  long place = (long)offsetof(struct user, regs.rax);
  return vend_trace_result(ptrace(PTRACE_POKEUSER, thread, place, (long)result));
}
static inline int vend_trace_can_answer(void) { return 1; }
#elif defined(__aarch64__)
static inline int vend_trace_skip(int thread) {
  int none = -1;
  struct iovec part = {&none, sizeof none};
  return vend_trace_result(ptrace(PTRACE_SETREGSET, thread, (long)NT_ARM_SYSTEM_CALL, &part));
}
static inline int vend_trace_answer(int thread, int64_t result) {
  struct user_regs_struct registers;
  struct iovec part = {&registers, sizeof registers};
  if (ptrace(PTRACE_GETREGSET, thread, (long)NT_PRSTATUS, &part) < 0) return -errno;
  registers.regs[0] = (uint64_t)result;
  return vend_trace_result(ptrace(PTRACE_SETREGSET, thread, (long)NT_PRSTATUS, &part));
}
static inline int vend_trace_can_answer(void) { return 1; }
#else
static inline int vend_trace_skip(int thread) { return -ENOSYS; }
static inline int vend_trace_answer(int thread, int64_t result) { return -ENOSYS; }
static inline int vend_trace_can_answer(void) { return 0; }
#endif

// The two calls that older C libraries have no name for.
static inline int vend_trace_process(int process) {
  long number = syscall(SYS_pidfd_open, process, 0);
  return number < 0 ? -errno : (int)number;
}
// A copy of another process's descriptor.
static inline int vend_trace_borrow(int process_descriptor, int number) {
  long copy = syscall(SYS_pidfd_getfd, process_descriptor, number, 0);
  return copy < 0 ? -errno : (int)copy;
}
// The name of a UNIX socket's peer, or its own, whichever has one; the length, or -errno when it is
// another kind of socket.
static inline int vend_trace_socket_path(int fd, char *path, int capacity) {
  struct sockaddr_un address;
  for (int own = 0; own < 2; own++) {
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    int bad = own ? getsockname(fd, (struct sockaddr *)&address, &length)
                  : getpeername(fd, (struct sockaddr *)&address, &length);
    if (bad) continue;
    if (address.sun_family != AF_UNIX) return -EAFNOSUPPORT;
    int count = (int)strnlen(address.sun_path, sizeof address.sun_path);
    if (count == 0) continue;
    if (count >= capacity) count = capacity - 1;
    memcpy(path, address.sun_path, (size_t)count);
    path[count] = 0;
    return count;
  }
  return -ENOTCONN;
}
// A socket's family, or -errno.
static inline int vend_trace_socket_family(int fd) {
  int family = 0;
  socklen_t length = sizeof family;
  return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &length) == 0 ? family : -errno;
}

// The numbers of the calls that have names here; -1 where this processor has no such call.
struct vend_trace_name {
  const char *name;
  int64_t number;
};
static const struct vend_trace_name vend_trace_names[] = {
#ifdef SYS_open
    {"open", SYS_open},
    {"poll", SYS_poll},
    {"epoll_wait", SYS_epoll_wait},
    {"unlink", SYS_unlink},
    {"rename", SYS_rename},
    {"mkdir", SYS_mkdir},
    {"access", SYS_access},
    {"readlink", SYS_readlink},
    {"stat", SYS_stat},
    {"lstat", SYS_lstat},
#endif
    {"openat", SYS_openat},
    {"close", SYS_close},
    {"read", SYS_read},
    {"write", SYS_write},
    {"readv", SYS_readv},
    {"writev", SYS_writev},
    {"pread64", SYS_pread64},
    {"pwrite64", SYS_pwrite64},
    {"lseek", SYS_lseek},
    {"ftruncate", SYS_ftruncate},
    {"fallocate", SYS_fallocate},
    {"fstat", SYS_fstat},
    {"newfstatat", SYS_newfstatat},
    {"statfs", SYS_statfs},
    {"fstatfs", SYS_fstatfs},
    {"faccessat", SYS_faccessat},
    {"fchmod", SYS_fchmod},
    {"fchown", SYS_fchown},
    {"fcntl", SYS_fcntl},
    {"unlinkat", SYS_unlinkat},
    {"renameat", SYS_renameat},
    {"renameat2", SYS_renameat2},
    {"mkdirat", SYS_mkdirat},
    {"readlinkat", SYS_readlinkat},
    {"getdents64", SYS_getdents64},
    {"fsync", SYS_fsync},
    {"fdatasync", SYS_fdatasync},
    {"msync", SYS_msync},
    {"sync_file_range", SYS_sync_file_range},
    {"socket", SYS_socket},
    {"connect", SYS_connect},
    {"bind", SYS_bind},
    {"listen", SYS_listen},
    {"accept4", SYS_accept4},
    {"sendto", SYS_sendto},
    {"recvfrom", SYS_recvfrom},
    {"sendmsg", SYS_sendmsg},
    {"recvmsg", SYS_recvmsg},
    {"shutdown", SYS_shutdown},
    {"getsockopt", SYS_getsockopt},
    {"setsockopt", SYS_setsockopt},
    {"getsockname", SYS_getsockname},
    {"getpeername", SYS_getpeername},
    {"ppoll", SYS_ppoll},
    {"epoll_pwait", SYS_epoll_pwait},
    {"epoll_ctl", SYS_epoll_ctl},
    {"epoll_create1", SYS_epoll_create1},
    {"timerfd_create", SYS_timerfd_create},
    {"timerfd_settime", SYS_timerfd_settime},
    {"eventfd2", SYS_eventfd2},
    {"signalfd4", SYS_signalfd4},
    {"futex", SYS_futex},
    {"mmap", SYS_mmap},
    {"munmap", SYS_munmap},
    {"mprotect", SYS_mprotect},
    {"brk", SYS_brk},
    {"madvise", SYS_madvise},
    {"getrandom", SYS_getrandom},
    {"clone3", SYS_clone3},
    {"ioctl", SYS_ioctl},
    {"rt_sigprocmask", SYS_rt_sigprocmask},
    {"rt_sigaction", SYS_rt_sigaction},
    {"gettid", SYS_gettid},
    {"getpid", SYS_getpid},
    {"prctl", SYS_prctl},
    {"exit", SYS_exit},
    {"exit_group", SYS_exit_group},
    {"sched_yield", SYS_sched_yield},
    {"clock_nanosleep", SYS_clock_nanosleep},
};
static inline int vend_trace_name_count(void) {
  return (int)(sizeof vend_trace_names / sizeof vend_trace_names[0]);
}
static inline const char *vend_trace_name_at(int index) { return vend_trace_names[index].name; }
static inline int64_t vend_trace_number_at(int index) { return vend_trace_names[index].number; }

#endif

/*
 * The virtual board: this agent on a pseudo-terminal, flash in a file mapped for reading, writing and running, so that
 * slots run in place as on a microcontroller. Flash behaves like flash: programming only clears bits.
 *
 *     virtual FLASH_FILE SECTOR_BYTES SLOT_SECTORS RAM_BYTES
 *
 * Prints the terminal's path, then serves until killed. A reset executes the program again on the same terminal.
 */
#define _GNU_SOURCE
#include "../port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "../abi.h"
#include "../agent.h"
#include "../ed25519.h"

enum { SELECTOR_SECTORS = 2, KEY_SECTOR = 2, FIRST_SLOT_SECTOR = 4, WRITE_TIMEOUT_MS = 2000 };
#define TERMINAL_VARIABLE "PITH_VIRTUAL_TERMINAL"

static pith_board board;
static uint8_t *flash;
static int terminal;
static char **arguments;

const pith_board *pith_port_board(void) { return &board; }
const uint8_t *pith_port_flash(uint32_t offset) { return flash + offset; }

size_t pith_port_uart_read(uint8_t *to, size_t limit) {
  const ssize_t n = read(terminal, to, limit);
  return n > 0 ? (size_t)n : 0;
}

void pith_port_uart_write(const uint8_t *from, size_t bytes) {
  while (bytes > 0) {
    const ssize_t n = write(terminal, from, bytes);
    if (n > 0) {
      from += n;
      bytes -= (size_t)n;
      continue;
    }
    struct pollfd wait = {terminal, POLLOUT, 0};
    if ((n < 0 && errno != EAGAIN && errno != EINTR) || poll(&wait, 1, WRITE_TIMEOUT_MS) == 0) return; /* nobody listens */
  }
}

void pith_port_idle(void) {
  struct pollfd wait = {terminal, POLLIN, 0};
  (void)poll(&wait, 1, -1);
}

int pith_port_erase(uint32_t offset) {
  memset(flash + offset, 0xff, board.sector_bytes);
  return 0;
}

int pith_port_program(uint32_t offset, const uint8_t *from, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i++) flash[offset + i] &= from[i];
  return 0;
}

void pith_port_slot_sync(uint32_t offset, uint32_t bytes) { __builtin___clear_cache((char *)flash + offset, (char *)flash + offset + bytes); }

uint32_t pith_port_time_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

uint32_t pith_port_boot_id(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint32_t)now.tv_sec * 1000003u ^ (uint32_t)now.tv_nsec ^ (uint32_t)getpid() << 16;
}

void pith_port_reset(void) {
  tcdrain(terminal);
  execv("/proc/self/exe", arguments);
  _exit(1);
}

int pith_port_verify(const uint8_t signature[64], const uint8_t *message, size_t bytes, const uint8_t key[32]) {
  return pith_ed25519_verify(signature, message, bytes, key);
}

/* A fault restarts the board, as on a microcontroller: an unconfirmed image that faults is thereby reverted. */
static void on_fault(int number) {
  (void)number;
  execv("/proc/self/exe", arguments);
  _exit(1);
}

/* The handler has a stack of its own, and its signal is not masked: the mask would outlive the restart. */
static void catch_faults(void) {
  static uint8_t stack[65536];
  static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
  const stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_NODEFER};
  if (sigaltstack(&own, NULL)) perror("virtual: signal stack");
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) sigaction(faults[i], &action, NULL);
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* A new terminal, or after a reset the one that the process had before. Its far end is kept open: no end of file. */
static int open_terminal(void) {
  const char *kept = getenv(TERMINAL_VARIABLE);
  if (kept) return atoi(kept);
  const int fd = posix_openpt(O_RDWR | O_NOCTTY);
  if (fd < 0 || grantpt(fd) || unlockpt(fd)) fail("virtual: pseudo-terminal");
  const char *path = ptsname(fd);
  const int far = open(path, O_RDWR | O_NOCTTY);
  struct termios raw;
  if (far < 0 || tcgetattr(far, &raw)) fail("virtual: terminal settings");
  cfmakeraw(&raw);
  if (tcsetattr(far, TCSANOW, &raw) || fcntl(fd, F_SETFL, O_NONBLOCK)) fail("virtual: terminal settings");
  printf("%s\n", path);
  fflush(stdout);
  char number[16];
  snprintf(number, sizeof number, "%d", fd);
  setenv(TERMINAL_VARIABLE, number, 1);
  return fd;
}

/* One reservation holds flash and RAM, so that both lie within 4 GB, as compiled models need. */
static void map_memory(const char *path, size_t flash_bytes, size_t ram_bytes) {
  const int fd = open(path, O_RDWR);
  struct stat info;
  if (fd < 0 || fstat(fd, &info)) fail(path);
  if ((size_t)info.st_size != flash_bytes) {
    fprintf(stderr, "virtual: %s has %ld bytes, expected %zu\n", path, (long)info.st_size, flash_bytes);
    exit(1);
  }
  const size_t page = 65536, ram_room = (ram_bytes + page - 1) & ~(page - 1);
  uint8_t *base = mmap(NULL, flash_bytes + ram_room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) fail("virtual: memory");
  flash = mmap(base, flash_bytes, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0);
  if (flash == MAP_FAILED) fail("virtual: flash mapping");
  close(fd);
  board.ram = base + flash_bytes;
  board.ram_bytes = (uint32_t)ram_bytes;
}

int main(int argc, char **argv) {
  static pith_agent agent;
  if (argc != 5) {
    fprintf(stderr, "usage: virtual FLASH_FILE SECTOR_BYTES SLOT_SECTORS RAM_BYTES\n");
    return 2;
  }
  arguments = argv;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  const uint32_t sector = (uint32_t)strtoul(argv[2], NULL, 0), slot_sectors = (uint32_t)strtoul(argv[3], NULL, 0);
  board.name = "virtual";
#ifdef __aarch64__
  board.target = PITH_TARGET_AARCH64;
#else
  board.target = PITH_TARGET_X86_64;
#endif
  board.sector_bytes = sector;
  board.program_bytes = 8;
  board.selector[0] = 0;
  board.selector[1] = sector;
  board.keys = KEY_SECTOR * sector;
  board.slot[0] = FIRST_SLOT_SECTOR * sector;
  board.slot[1] = board.slot[0] + slot_sectors * sector;
  board.slot_sectors = slot_sectors;
  map_memory(argv[1], (size_t)board.slot[1] + (size_t)slot_sectors * sector, strtoul(argv[4], NULL, 0));
  terminal = open_terminal();
  catch_faults();
  pith_agent_init(&agent);
  for (;;) {
    pith_agent_poll(&agent);
    pith_port_idle();
  }
}

/*
 * Arm MPS2 (AN386, Cortex-M4): CMSDK UART 0, PSRAM at 0x21000000 as flash (kept in a file by the emulator), SysTick
 * as clock. Receiving is by interrupt into a ring. Sources: Arm Application Note AN386; CMSDK TRM, UART; ARMv7-M ARM.
 */
#include "../port.h"

#include <string.h>

#include "../abi.h"
#include "../agent.h"
#include "../ed25519.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define UART_DATA REGISTER(0x40004000u)
#define UART_STATE REGISTER(0x40004004u)
#define UART_CTRL REGISTER(0x40004008u)
#define UART_INTCLEAR REGISTER(0x4000400cu)
#define UART_BAUDDIV REGISTER(0x40004010u)
#define SYSTICK_CTRL REGISTER(0xe000e010u)
#define SYSTICK_LOAD REGISTER(0xe000e014u)
#define SYSTICK_VALUE REGISTER(0xe000e018u)
#define NVIC_ENABLE0 REGISTER(0xe000e100u)
#define SCB_AIRCR REGISTER(0xe000ed0cu)
#define SCB_CPACR REGISTER(0xe000ed88u)
#define SCB_CCR REGISTER(0xe000ed14u)

enum { STATE_TX_FULL = 1, STATE_RX_FULL = 2 };
enum { CTRL_TX = 1, CTRL_RX = 2, CTRL_RX_INTERRUPT = 8, RX_INTERRUPT = 2 };
enum { CLOCK_HZ = 25000000, RING = 4096 };

static volatile uint8_t ring[RING];
static volatile uint32_t ring_in, ring_out;
static volatile uint32_t milliseconds;

extern uint8_t pith_model_ram[];
extern const uint32_t pith_model_ram_bytes;

static uint8_t *const flash = (uint8_t *)0x21000000u;

enum { SECTOR = 4096, SLOT_SECTORS = 64 };

static pith_board board = {
    .name = "qemu-m4",
    .target = PITH_TARGET_CORTEX_M4,
    .sector_bytes = SECTOR,
    .program_bytes = 8,
    .selector = {0, SECTOR},
    .keys = 2 * SECTOR,
    .slot = {4 * SECTOR, (4 + SLOT_SECTORS) * SECTOR},
    .slot_sectors = SLOT_SECTORS,
};

const pith_board *pith_port_board(void) { return &board; }
const uint8_t *pith_port_flash(uint32_t offset) { return flash + offset; }
uint32_t pith_port_time_ms(void) { return milliseconds; }

void pith_uart_handler(void);
void pith_systick_handler(void);

/* The interrupt is cleared before the data is read: a byte that came in between would never raise it again. */
void pith_uart_handler(void) {
  UART_INTCLEAR = RX_INTERRUPT;
  while (UART_STATE & STATE_RX_FULL) {
    const uint8_t byte = (uint8_t)UART_DATA;
    if (ring_in - ring_out < RING) {
      ring[ring_in % RING] = byte;
      ring_in = ring_in + 1;
    }
  }
}

void pith_systick_handler(void) { milliseconds = milliseconds + 1; }

size_t pith_port_uart_read(uint8_t *to, size_t limit) {
  size_t n = 0;
  while (n < limit && ring_out != ring_in) {
    to[n++] = ring[ring_out % RING];
    ring_out = ring_out + 1;
  }
  return n;
}

void pith_port_uart_write(const uint8_t *from, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    while (UART_STATE & STATE_TX_FULL) {
    }
    UART_DATA = from[i];
  }
}

/* Interrupts are masked between the look and the sleep; WFI wakes for a pending one all the same. */
void pith_port_idle(void) {
  __asm__ volatile("cpsid i" ::: "memory");
  if (ring_in == ring_out) __asm__ volatile("wfi");
  __asm__ volatile("cpsie i" ::: "memory");
}

int pith_port_erase(uint32_t offset) {
  memset(flash + offset, 0xff, SECTOR);
  return 0;
}

int pith_port_program(uint32_t offset, const uint8_t *from, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i++) flash[offset + i] &= from[i];
  return 0;
}

void pith_port_slot_sync(uint32_t offset, uint32_t bytes) {
  (void)offset;
  (void)bytes;
  __asm__ volatile("dsb\n isb" ::: "memory");
}

/* The host writes a fresh number behind the key record before each start; resets count on from there in no-init RAM. */
uint32_t pith_port_boot_id(void) {
  static uint32_t resets __attribute__((section(".noinit")));
  resets = resets * 1664525u + 1013904223u;
  uint32_t stamp;
  memcpy(&stamp, flash + 3 * SECTOR, sizeof stamp);
  return stamp ^ resets;
}

void pith_port_reset(void) {
  for (uint32_t start = milliseconds; milliseconds - start < 20;) {
  } /* let the answer leave */
  __asm__ volatile("dsb" ::: "memory");
  SCB_AIRCR = 0x05fa0004u;
  for (;;) {
  }
}

int pith_port_verify(const uint8_t signature[64], const uint8_t *message, size_t bytes, const uint8_t key[32]) {
  return pith_ed25519_verify(signature, message, bytes, key);
}

int main(void) {
  static pith_agent agent;
  SCB_CPACR |= 0xfu << 20; /* the FPU, before any float */
  SCB_CCR |= 1u << 3;      /* unaligned accesses trap: compiled models promise aligned ones */
  __asm__ volatile("dsb\n isb" ::: "memory");
  UART_BAUDDIV = 16;
  UART_CTRL = CTRL_TX | CTRL_RX | CTRL_RX_INTERRUPT;
  SYSTICK_LOAD = CLOCK_HZ / 1000 - 1;
  SYSTICK_VALUE = 0;
  SYSTICK_CTRL = 7;
  NVIC_ENABLE0 = 1u; /* UART 0 receive */
  board.ram = pith_model_ram;
  board.ram_bytes = pith_model_ram_bytes;
  pith_agent_init(&agent);
  for (;;) {
    pith_agent_poll(&agent);
    pith_port_idle();
  }
}

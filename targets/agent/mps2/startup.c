/* Vectors and start-up for MPS2 AN386. A fault resets the board: an unconfirmed image that faults is thereby reverted. */
#include <stdint.h>
#include <string.h>

#include "../port.h"

extern uint32_t pith_stack_top[], pith_data_from[], pith_data[], pith_data_end[], pith_bss[], pith_bss_end[];

int main(void);
void pith_uart_handler(void);
void pith_systick_handler(void);
void pith_start(void);
void pith_fault(void);

/* 2 MB of the on-board SRAM is the model's. */
enum { MODEL_RAM = 2 * 1024 * 1024 };
uint8_t pith_model_ram[MODEL_RAM] __attribute__((aligned(16), section(".model")));
const uint32_t pith_model_ram_bytes = MODEL_RAM;

void pith_start(void) {
  memcpy(pith_data, pith_data_from, (size_t)((uint8_t *)pith_data_end - (uint8_t *)pith_data));
  memset(pith_bss, 0, (size_t)((uint8_t *)pith_bss_end - (uint8_t *)pith_bss));
  (void)main();
  pith_fault();
}

void pith_fault(void) {
  *(volatile uint32_t *)0xe000ed0cu = 0x05fa0004u;
  for (;;) {
  }
}

typedef void (*handler)(void);

__attribute__((section(".vectors"), used)) static const handler vectors[17] = {
    (handler)(uintptr_t)pith_stack_top,
    pith_start,
    pith_fault,
    pith_fault,
    pith_fault,
    pith_fault,
    pith_fault,
    0,
    0,
    0,
    0,
    pith_fault,
    pith_fault,
    0,
    pith_fault,
    pith_systick_handler,
    pith_uart_handler,
};

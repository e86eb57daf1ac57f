/*
 * The port layer: what a board must provide. All functions are called from one thread; none may allocate.
 * Flash is memory-mapped; offsets are bytes from its start, and sectors, slots and records are aligned to sectors.
 */
#ifndef PITH_PORT_H
#define PITH_PORT_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *name;
  uint32_t target;            /* PITH_TARGET_… that this board runs */
  uint32_t sector_bytes;      /* erase unit */
  uint32_t program_bytes;     /* write unit: a power of two, at most 16 */
  uint32_t selector[2];       /* offsets of the two selector sectors */
  uint32_t keys;              /* offset of the key sector */
  uint32_t slot[2];           /* offsets of the slots */
  uint32_t slot_sectors;      /* the last one holds the upload record */
  uint8_t *ram;               /* 16-aligned: model RAM and the telemetry copies */
  uint32_t ram_bytes;
} pith_board;

/* The board's constants; valid from the first call on. */
const pith_board *pith_port_board(void);

/* Received bytes, at most `limit`, without waiting. */
size_t pith_port_uart_read(uint8_t *to, size_t limit);
/* Sends all bytes; may wait, may drop them when nobody listens. */
void pith_port_uart_write(const uint8_t *from, size_t bytes);
/* Sleeps until something may have arrived. */
void pith_port_idle(void);

/* Where `offset` is mapped, for reading and for running code in place (map_slot). */
const uint8_t *pith_port_flash(uint32_t offset);
/* One sector to 0xff; 0 or -1. */
int pith_port_erase(uint32_t offset);
/* Programs erased units; `bytes` is a multiple of program_bytes. 0 or -1. */
int pith_port_program(uint32_t offset, const uint8_t *from, uint32_t bytes);
/* Barriers and caches between programming a slot and running from it. */
void pith_port_slot_sync(uint32_t offset, uint32_t bytes);

uint32_t pith_port_time_ms(void);
/* A number that differs between boots, as far as the board can. */
uint32_t pith_port_boot_id(void);
/* Restarts the board; RAM is lost, flash stays. Does not return. */
void pith_port_reset(void);
/* Verifies an Ed25519 signature, 0 when valid: the agent's own code, or PSA, mbedTLS, TF-M. */
int pith_port_verify(const uint8_t signature[64], const uint8_t *message, size_t bytes, const uint8_t key[32]);

#endif

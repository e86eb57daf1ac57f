/*
 * SMP over a console: packet = base64(u16be LEN | body | u16be CRC), cut into lines that start 06 09 or 04 14.
 * A bad frame is dropped without an answer; the host repeats its request.
 */
#ifndef PITH_SMP_H
#define PITH_SMP_H

#include <stddef.h>
#include <stdint.h>

/* Largest decoded packet, LEN and CRC included; told by os params. */
#define PITH_SMP_BUFFER 2048u
enum { PITH_SMP_LINE = 128, PITH_SMP_HEADER = 8 };

typedef struct {
  uint8_t line[PITH_SMP_LINE];
  size_t line_bytes;
  int line_overflow;
  uint8_t packet[PITH_SMP_BUFFER];
  size_t packet_bytes;
  int open;
} pith_smp_receiver;

/* Feeds one byte. Returns the length of a complete body, which lies at packet + 2, else 0. */
size_t pith_smp_feed(pith_smp_receiver *r, uint8_t byte);

/* Sends a body of at most PITH_SMP_BUFFER - 4 bytes. `packet` has the body at packet + 2 and room for the CRC. */
void pith_smp_send(uint8_t *packet, size_t body_bytes);

uint16_t pith_crc16(const uint8_t *from, size_t bytes);

#endif

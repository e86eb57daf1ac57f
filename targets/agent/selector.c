#include "selector.h"

#include <stddef.h>
#include <string.h>

#include "image.h"
#include "port.h"

#define SELECTOR_MAGIC 0x6c657370u
enum { RECORD = (int)sizeof(pith_selector) };

static uint32_t record_crc(const pith_selector *r) { return pith_crc32(0, (const uint8_t *)r, offsetof(pith_selector, crc)); }

static const pith_selector *record_at(uint32_t sector, uint32_t index) {
  return (const void *)(pith_port_flash(pith_port_board()->selector[sector]) + index * RECORD);
}

static uint32_t records_per_sector(void) { return pith_port_board()->sector_bytes / RECORD; }

/* The newest valid record; `sector` and `index` say where. */
static const pith_selector *newest(uint32_t *sector) {
  const pith_selector *best = NULL;
  for (uint32_t s = 0; s < 2; s++)
    for (uint32_t i = 0; i < records_per_sector(); i++) {
      const pith_selector *r = record_at(s, i);
      if (r->magic != SELECTOR_MAGIC || r->crc != record_crc(r)) continue;
      if (best && r->sequence <= best->sequence) continue;
      best = r;
      *sector = s;
    }
  return best;
}

void pith_selector_read(pith_selector *out) {
  uint32_t sector = 0;
  const pith_selector *r = newest(&sector);
  if (r) {
    *out = *r;
    return;
  }
  memset(out, 0, sizeof *out);
  out->confirmed = PITH_SLOT_NONE;
  out->trial = PITH_SLOT_NONE;
}

static int is_blank(const pith_selector *r) {
  const uint8_t *p = (const uint8_t *)r;
  for (int i = 0; i < RECORD; i++)
    if (p[i] != 0xff) return 0;
  return 1;
}

int pith_selector_write(pith_selector *record) {
  const pith_board *board = pith_port_board();
  uint32_t sector = 0;
  const pith_selector *last = newest(&sector);
  record->magic = SELECTOR_MAGIC;
  record->sequence = last ? last->sequence + 1 : 1;
  record->crc = record_crc(record);
  uint32_t index = 0;
  while (last && index < records_per_sector() && !is_blank(record_at(sector, index))) index++;
  if (!last || index == records_per_sector()) {
    sector = last ? 1 - sector : 0;
    index = 0;
    if (pith_port_erase(board->selector[sector])) return -1;
  }
  if (pith_port_program(board->selector[sector] + index * RECORD, (const uint8_t *)record, RECORD)) return -1;
  return memcmp(record_at(sector, index), record, RECORD) == 0 ? 0 : -1;
}

#include "upload.h"

#include <stddef.h>
#include <string.h>

#include "commands.h"
#include "image.h"
#include "port.h"
#include "sha256.h"

#define UPLOAD_MAGIC 0x64617075u

typedef struct {
  uint32_t magic;
  uint32_t length;
  uint8_t sha[32];
  uint32_t reserved;
  uint32_t crc;
} upload_record;

enum { MARKS = 64, MARK_STRIDE = 16 }; /* marks start here in the record's sector, one program unit each at most */

uint32_t pith_slot_capacity(void) {
  const pith_board *board = pith_port_board();
  const uint32_t sectors = board->slot_sectors - 1;
  const uint32_t marked = (board->sector_bytes - MARKS) / MARK_STRIDE;
  return (sectors < marked ? sectors : marked) * board->sector_bytes;
}

static uint32_t record_offset(uint32_t slot) {
  const pith_board *board = pith_port_board();
  return board->slot[slot] + (board->slot_sectors - 1) * board->sector_bytes;
}

static uint32_t record_crc(const upload_record *r) { return pith_crc32(0, (const uint8_t *)r, offsetof(upload_record, crc)); }

/* A mark follows a whole sector, so one that was torn counts too; its unit must not be programmed again. */
static int is_blank(const uint8_t *unit) {
  for (uint32_t i = 0; i < pith_port_board()->program_bytes; i++)
    if (unit[i] != 0xff) return 0;
  return 1;
}

/* Finished sectors of a recorded upload of the same bytes; 0 where there is none. */
static uint32_t finished_sectors(uint32_t slot, uint32_t length, const uint8_t *sha) {
  const pith_board *board = pith_port_board();
  const uint8_t *sector = pith_port_flash(record_offset(slot));
  const upload_record *r = (const void *)sector;
  if (r->magic != UPLOAD_MAGIC || r->crc != record_crc(r) || r->length != length || memcmp(r->sha, sha, 32) != 0) return 0;
  const uint32_t limit = length / board->sector_bytes;
  uint32_t n = 0;
  while (n < limit && !is_blank(sector + MARKS + n * MARK_STRIDE)) n++;
  return n;
}

static int write_record(uint32_t slot, uint32_t length, const uint8_t *sha) {
  upload_record r = {.magic = UPLOAD_MAGIC, .length = length, .reserved = 0};
  memcpy(r.sha, sha, 32);
  r.crc = record_crc(&r);
  if (pith_port_erase(record_offset(slot))) return PITH_FLASH;
  return pith_port_program(record_offset(slot), (const uint8_t *)&r, sizeof r) ? PITH_FLASH : PITH_OK;
}

int pith_upload_begin(pith_upload *u, uint32_t slot, uint32_t length, const uint8_t *sha) {
  if (length > pith_slot_capacity()) return PITH_IMAGE_LARGE;
  if (length < PITH_IMAGE_HEADER) return PITH_IMAGE_MALFORMED;
  const int same = u->active && u->slot == slot && u->length == length && u->has_sha && sha && memcmp(u->sha, sha, 32) == 0;
  if (same) return PITH_OK;
  memset(u, 0, sizeof *u);
  u->slot = slot;
  u->length = length;
  const uint32_t finished = sha ? finished_sectors(slot, length, sha) : 0;
  u->offset = finished * pith_port_board()->sector_bytes;
  if (sha) {
    u->has_sha = 1;
    memcpy(u->sha, sha, 32);
    if (finished == 0) {
      const int status = write_record(slot, length, sha);
      if (status != PITH_OK) return status;
    }
  } else if (pith_port_erase(record_offset(slot))) {
    return PITH_FLASH;
  }
  u->active = 1;
  return PITH_OK;
}

/* Writes the unit buffer, which ends at u->offset; pads the last one. */
static int flush_unit(pith_upload *u) {
  const pith_board *board = pith_port_board();
  const uint32_t at = board->slot[u->slot] + u->offset - u->unit_bytes;
  memset(u->unit + u->unit_bytes, 0xff, sizeof u->unit - u->unit_bytes);
  if (pith_port_program(at, u->unit, board->program_bytes)) return PITH_FLASH;
  if (memcmp(pith_port_flash(at), u->unit, board->program_bytes) != 0) return PITH_FLASH;
  u->unit_bytes = 0;
  return PITH_OK;
}

static int mark_sector(const pith_upload *u, uint32_t sector) {
  static const uint8_t zeros[16] = {0};
  if (!u->has_sha) return PITH_OK;
  const pith_board *board = pith_port_board();
  return pith_port_program(record_offset(u->slot) + MARKS + sector * MARK_STRIDE, zeros, board->program_bytes) ? PITH_FLASH : PITH_OK;
}

int pith_upload_data(pith_upload *u, const uint8_t *from, uint32_t bytes) {
  const pith_board *board = pith_port_board();
  if (bytes > u->length - u->offset) return PITH_ARGUMENT;
  for (uint32_t i = 0; i < bytes; i++) {
    if (u->offset % board->sector_bytes == 0 && pith_port_erase(board->slot[u->slot] + u->offset)) return PITH_FLASH;
    u->unit[u->unit_bytes++] = from[i];
    u->offset++;
    if (u->unit_bytes < board->program_bytes && u->offset < u->length) continue;
    int status = flush_unit(u);
    if (status == PITH_OK && u->offset % board->sector_bytes == 0) status = mark_sector(u, u->offset / board->sector_bytes - 1);
    if (status != PITH_OK) {
      u->active = 0;
      return status;
    }
  }
  return PITH_OK;
}

int pith_upload_finish(pith_upload *u) {
  const pith_board *board = pith_port_board();
  const uint32_t at = board->slot[u->slot];
  pith_port_slot_sync(at, u->length);
  int match = 1;
  if (u->has_sha) {
    uint8_t digest[32];
    pith_sha256 sha;
    pith_sha256_init(&sha);
    pith_sha256_update(&sha, pith_port_flash(at), u->length);
    pith_sha256_final(&sha, digest);
    match = memcmp(digest, u->sha, 32) == 0;
  }
  if (!match) pith_upload_drop(u, u->slot);
  u->active = 0;
  return match;
}

void pith_upload_drop(pith_upload *u, uint32_t slot) {
  u->active = 0;
  (void)pith_port_erase(record_offset(slot));
}

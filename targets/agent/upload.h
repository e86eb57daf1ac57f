/*
 * Receiving an image into a slot. Sectors are erased as the transfer reaches them. The slot's last sector records what
 * is being received ({ sha, length }) and a mark for every finished sector, so that an upload resumes: after a lost
 * link at the next byte, after lost power at the start of the interrupted sector.
 */
#ifndef PITH_UPLOAD_H
#define PITH_UPLOAD_H

#include <stdint.h>

typedef struct {
  int active;
  uint32_t slot;
  uint32_t length;
  uint32_t offset;
  int has_sha;
  uint8_t sha[32];
  uint8_t unit[16]; /* bytes that do not fill a program unit yet */
  uint32_t unit_bytes;
} pith_upload;

/* Starts or resumes; `sha` may be NULL. PITH_OK or a status. */
int pith_upload_begin(pith_upload *u, uint32_t slot, uint32_t length, const uint8_t *sha);
/* Takes bytes at u->offset. PITH_OK or a status. */
int pith_upload_data(pith_upload *u, const uint8_t *from, uint32_t bytes);
/* Once offset == length: whether the bytes have the announced SHA-256. Ends the upload. */
int pith_upload_finish(pith_upload *u);
/* Forgets an upload and its record. */
void pith_upload_drop(pith_upload *u, uint32_t slot);
/* Bytes that an image may have. */
uint32_t pith_slot_capacity(void);

#endif

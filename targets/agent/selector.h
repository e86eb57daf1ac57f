/*
 * The selector: which slot runs. Records are appended, 32 bytes each, in two sectors; the newest valid one counts. A
 * full sector is left as it is and the other one erased, so at every moment one valid record exists.
 */
#ifndef PITH_SELECTOR_H
#define PITH_SELECTOR_H

#include <stdint.h>

enum { PITH_SLOT_NONE = 0xff };
enum { PITH_TRIAL_NONE = 0, PITH_TRIAL_PENDING = 1, PITH_TRIAL_RUNNING = 2 };

typedef struct {
  uint32_t magic;
  uint32_t sequence;
  uint8_t confirmed;   /* slot, or PITH_SLOT_NONE */
  uint8_t trial;       /* slot under test, or PITH_SLOT_NONE */
  uint8_t trial_state; /* PENDING until the reset, RUNNING until confirmed */
  uint8_t refused;     /* status of the image that the last reset refused */
  uint32_t counter;    /* security counter: only rises, at confirm */
  uint32_t boot;       /* boots with a changed record; the rest of a boot id is the port's */
  uint32_t reserved[2];
  uint32_t crc;
} pith_selector;

/* The newest valid record, or an empty one. */
void pith_selector_read(pith_selector *out);
/* Appends `record` with the next sequence number; 0 or -1. */
int pith_selector_write(pith_selector *record);

#endif

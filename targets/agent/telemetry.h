/*
 * Telemetry frames: monitor counts since the last acknowledged frame, as CBOR with integer keys and LEB128 deltas. A
 * frame stays the same, byte for byte, until it is acknowledged; it is generated from two copies of the counters, so
 * that any part of it can be read in any order.
 */
#ifndef PITH_TELEMETRY_H
#define PITH_TELEMETRY_H

#include "model.h"

typedef struct {
  uint32_t boot;
  uint32_t sequence;       /* of the pending frame */
  uint32_t samples;        /* inferences since boot or reset */
  uint32_t acknowledged;   /* of them, acknowledged */
  uint32_t pending;        /* of them, in the pending frame; 0: no frame is pending */
  uint32_t frame_bytes;
} pith_telemetry;

void pith_telemetry_reset(pith_telemetry *t);
/* Drops the pending frame if its sequence number is `sequence`. */
void pith_telemetry_acknowledge(pith_telemetry *t, pith_model *m, uint32_t sequence);
/* Makes a frame pending where none is and something was counted. */
void pith_telemetry_prepare(pith_telemetry *t, pith_model *m);
/* Bytes [offset, offset + limit) of the pending frame; returns how many. */
uint32_t pith_telemetry_read(const pith_telemetry *t, const pith_model *m, uint32_t offset, uint8_t *to, uint32_t limit);

#endif

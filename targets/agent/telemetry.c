#include "telemetry.h"

#include <string.h>

/* Writes only what falls in a window of the frame; counts all. */
typedef struct {
  uint8_t *to;
  uint32_t begin;
  uint32_t limit;
  uint32_t at;
  uint32_t written;
} window;

static void put(window *w, uint32_t byte) {
  if (w->to && w->at >= w->begin && w->written < w->limit) w->to[w->written++] = (uint8_t)byte;
  w->at++;
}

static void head(window *w, uint32_t major, uint32_t value) {
  if (value < 24) {
    put(w, (major << 5) | value);
    return;
  }
  const int length = value < 0x100u ? 1 : value < 0x10000u ? 2 : 4;
  put(w, (major << 5) | (length == 1 ? 24u : length == 2 ? 25u : 26u));
  for (int i = length - 1; i >= 0; i--) put(w, (value >> (8 * i)) & 0xffu);
}

static void pair(window *w, uint32_t key, uint32_t value) {
  head(w, 0, key);
  head(w, 0, value);
}

static void varints(window *w, const pith_model *m) {
  const uint32_t *now = pith_model_pending(m), *before = pith_model_acknowledged(m);
  for (uint32_t i = 0; i < pith_model_words(m); i++) {
    uint32_t delta = now[i] - before[i];
    for (; delta >= 0x80u; delta >>= 7) put(w, (delta & 0x7fu) | 0x80u);
    put(w, delta);
  }
}

/* Keys as sdk/telemetry/frame.ts: 0 type, 1 model, 2 boot, 3 sequence, 4 samples, 5 counts. */
static void frame(window *w, const pith_telemetry *t, const pith_model *m) {
  window measure = {NULL, 0, 0, 0, 0};
  varints(&measure, m);
  head(w, 5, 6);
  pair(w, 0, 0);
  head(w, 0, 1);
  head(w, 2, 4);
  for (int i = 0; i < 4; i++) put(w, (m->d->manifest_hash >> (8 * i)) & 0xffu);
  pair(w, 2, t->boot);
  pair(w, 3, t->sequence);
  pair(w, 4, t->pending - t->acknowledged);
  head(w, 0, 5);
  head(w, 2, measure.at);
  varints(w, m);
}

void pith_telemetry_reset(pith_telemetry *t) {
  /* A frame that was never acknowledged may have been read: its number is not used again. */
  if (t->pending != 0) t->sequence++;
  t->samples = 0;
  t->acknowledged = 0;
  t->pending = 0;
}

void pith_telemetry_acknowledge(pith_telemetry *t, pith_model *m, uint32_t sequence) {
  if (t->pending == 0 || sequence != t->sequence) return;
  memcpy(pith_model_acknowledged(m), pith_model_pending(m), m->d->monitors_bytes);
  t->acknowledged = t->pending;
  t->pending = 0;
  t->sequence++;
}

void pith_telemetry_prepare(pith_telemetry *t, pith_model *m) {
  if (t->pending != 0 || t->samples == t->acknowledged) return;
  memcpy(pith_model_pending(m), pith_model_counters(m), m->d->monitors_bytes);
  t->pending = t->samples;
  window measure = {NULL, 0, 0, 0, 0};
  frame(&measure, t, m);
  t->frame_bytes = measure.at;
}

uint32_t pith_telemetry_read(const pith_telemetry *t, const pith_model *m, uint32_t offset, uint8_t *to, uint32_t limit) {
  window w = {to, offset, limit, 0, 0};
  frame(&w, t, m);
  return w.written;
}

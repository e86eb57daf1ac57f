#include "model.h"

#include <string.h>

#include "commands.h"
#include "port.h"

typedef int32_t (*call_ram)(void *ram);
typedef int32_t (*call_step)(void *ram, int32_t index);

static uint8_t *ram(void) { return pith_port_board()->ram; }
static uintptr_t code(const pith_model *m, uint32_t offset) { return (uintptr_t)m->d + offset; }
static int32_t call(const pith_model *m, uint32_t offset) { return ((call_ram)code(m, offset))(ram()); }
static const pith_span *table(const pith_model *m, uint32_t offset) { return (const void *)((const uint8_t *)m->d + offset); }

uint32_t pith_model_words(const pith_model *m) { return m->d->monitors_bytes / 4; }
uint32_t *pith_model_counters(const pith_model *m) { return (void *)(ram() + m->d->monitors_offset); }
uint32_t *pith_model_acknowledged(const pith_model *m) { return (void *)(ram() + m->d->ram_bytes); }
uint32_t *pith_model_pending(const pith_model *m) { return pith_model_acknowledged(m) + pith_model_words(m); }
static uint32_t *saved(const pith_model *m) { return pith_model_pending(m) + pith_model_words(m); }

static uint32_t total(const pith_model *m, uint32_t offset, uint32_t count) {
  uint32_t bytes = 0;
  for (uint32_t i = 0; i < count; i++) bytes += table(m, offset)[i].bytes;
  return bytes;
}

int pith_model_load(pith_model *m, uint32_t slot, const pith_image *image) {
  memset(m, 0, sizeof *m);
  m->slot = slot;
  m->image = *image;
  m->d = pith_image_descriptor(image);
  m->input_bytes = total(m, m->d->inputs_offset, m->d->input_count);
  m->output_bytes = total(m, m->d->outputs_offset, m->d->output_count);
  pith_port_slot_sync(pith_port_board()->slot[slot], image->total_bytes);
  if (call(m, m->d->init_offset) != 0) return PITH_FAILED;
  memset(pith_model_acknowledged(m), 0, m->d->monitors_bytes);
  m->loaded = 1;
  return PITH_OK;
}

/* Calls visit-like copies over a table of spans seen as one byte string. */
static void copy_spans(const pith_model *m, uint32_t spans, uint32_t count, uint32_t offset, uint8_t *bytes, uint32_t length, int write) {
  const pith_span *span = table(m, spans);
  for (uint32_t i = 0; i < count && length > 0; i++) {
    if (offset >= span[i].bytes) {
      offset -= span[i].bytes;
      continue;
    }
    const uint32_t here = span[i].bytes - offset < length ? span[i].bytes - offset : length;
    uint8_t *place = ram() + span[i].offset + offset;
    if (write)
      memcpy(place, bytes, here);
    else
      memcpy(bytes, place, here);
    bytes += here;
    length -= here;
    offset = 0;
  }
}

void pith_model_write_input(pith_model *m, uint32_t offset, const uint8_t *from, uint32_t bytes) {
  uint8_t part[64];
  for (uint32_t done = 0; done < bytes;) {
    const uint32_t n = bytes - done < sizeof part ? bytes - done : (uint32_t)sizeof part;
    memcpy(part, from + done, n);
    copy_spans(m, m->d->inputs_offset, m->d->input_count, offset + done, part, n, 1);
    done += n;
  }
}

void pith_model_read_output(const pith_model *m, uint32_t offset, uint8_t *to, uint32_t bytes) {
  copy_spans(m, m->d->outputs_offset, m->d->output_count, offset, to, bytes, 0);
}

void pith_model_reset_monitors(pith_model *m) {
  (void)call(m, m->d->monitors_reset_offset);
  memset(pith_model_acknowledged(m), 0, m->d->monitors_bytes);
}

/* `init` clears the monitors too; they are kept. */
void pith_model_reset_state(pith_model *m) {
  memcpy(saved(m), pith_model_counters(m), m->d->monitors_bytes);
  (void)call(m, m->d->init_offset);
  memcpy(pith_model_counters(m), saved(m), m->d->monitors_bytes);
}

int32_t pith_model_infer(pith_model *m) {
  m->received = 0;
  return call(m, m->d->infer_offset);
}

int32_t pith_model_probe(const pith_model *m, uint32_t index, uint32_t *crc) {
  memcpy(saved(m), pith_model_counters(m), m->d->monitors_bytes);
  const int32_t status = ((call_step)code(m, m->d->step_offset))(ram(), (int32_t)index);
  const pith_span *out = table(m, m->d->steps_offset) + index;
  *crc = pith_crc32(0, ram() + out->offset, out->bytes); /* a monitor's output is what is restored next */
  memcpy(pith_model_counters(m), saved(m), m->d->monitors_bytes);
  return status;
}

/* Marsaglia's xorshift32: the seeded input of abi.ts. */
static uint8_t next_byte(uint32_t *x) {
  *x ^= *x << 13;
  *x ^= *x >> 17;
  *x ^= *x << 5;
  return (uint8_t)*x;
}

static uint32_t output_crc(const pith_model *m) {
  uint32_t crc = 0;
  const pith_span *span = table(m, m->d->outputs_offset);
  for (uint32_t i = 0; i < m->d->output_count; i++) crc = pith_crc32(crc, ram() + span[i].offset, span[i].bytes);
  return crc;
}

int pith_model_self_test(pith_model *m) {
  const pith_self_test *vector = (const void *)((const uint8_t *)m->d + m->d->self_test_offset);
  int status = PITH_OK;
  for (uint32_t i = 0; i < m->d->self_test_count && status == PITH_OK; i++) {
    if (call(m, m->d->init_offset) != 0) return PITH_FAILED;
    uint32_t x = vector[i].seed;
    for (uint32_t at = 0; at < m->input_bytes; at++) {
      const uint8_t byte = next_byte(&x);
      pith_model_write_input(m, at, &byte, 1);
    }
    if (call(m, m->d->infer_offset) != 0) return PITH_FAILED;
    if (output_crc(m) != vector[i].crc) status = PITH_IMAGE_SELFTEST;
  }
  if (call(m, m->d->init_offset) != 0) return PITH_FAILED;
  memset(pith_model_acknowledged(m), 0, m->d->monitors_bytes);
  return status;
}

/* The user group: info, infer, step, telemetry, configure. Keys as sdk/device/commands.ts. */
#include <string.h>

#include "agent.h"
#include "commands.h"
#include "port.h"

enum { STEPS_PER_REQUEST = 16 };
/* What a response has left for data beside its few small fields. */
enum { DATA_LIMIT = (int)PITH_SMP_BUFFER - 96 };

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

static int uint_of(const pith_agent *a, const char *key, uint32_t *value) {
  const pith_cbor_entry *e = pith_cbor_find(&a->request, key, PITH_CBOR_UINT);
  if (e) *value = e->value;
  return e != NULL;
}

static int is_true(const pith_agent *a, const char *key) {
  const pith_cbor_entry *e = pith_cbor_find(&a->request, key, PITH_CBOR_BOOL);
  return e != NULL && e->value;
}

int pith_user_info(pith_agent *a, pith_cbor_writer *w) {
  const pith_board *board = pith_port_board();
  const pith_model *m = pith_agent_model(a);
  const pith_key_record *keys = pith_keys();
  pith_cbor_text(w, "board");
  pith_cbor_text(w, board->name);
  pith_cbor_pair(w, "target", board->target);
  pith_cbor_pair(w, "abi", PITH_ABI_VERSION);
  pith_cbor_pair(w, "kernel", PITH_KERNEL_VERSION);
  pith_cbor_pair(w, "slots", 2);
  pith_cbor_pair(w, "slot_size", pith_slot_capacity());
  pith_cbor_pair(w, "ram", board->ram_bytes);
  pith_cbor_pair(w, "counter", a->slots.selector.counter);
  pith_cbor_pair(w, "boot", a->telemetry.boot);
  pith_cbor_pair(w, "up", pith_port_time_ms());
  pith_cbor_pair(w, "refused", a->slots.selector.refused);
  pith_cbor_text(w, "dev");
  pith_cbor_bool(w, keys != NULL && (keys->flags & 1u));
  pith_cbor_text(w, "active");
  pith_cbor_head(w, m ? PITH_CBOR_UINT : PITH_CBOR_NINT, m ? m->slot : 0); /* -1 where there is none */
  pith_cbor_text(w, "confirmed");
  pith_cbor_bool(w, m && a->slots.selector.confirmed == m->slot);
  pith_cbor_pair(w, "in", m ? m->input_bytes : 0);
  pith_cbor_pair(w, "out", m ? m->output_bytes : 0);
  pith_cbor_pair(w, "steps", m ? m->d->step_count : 0);
  pith_cbor_pair(w, "hash", m ? m->d->manifest_hash : 0);
  pith_cbor_pair(w, "monitors", m ? m->d->monitors_bytes : 0);
  return PITH_OK;
}

static void write_output(const pith_model *m, pith_cbor_writer *w, uint32_t offset) {
  const uint32_t bytes = smaller(m->output_bytes - offset, DATA_LIMIT);
  pith_cbor_pair(w, "len", m->output_bytes);
  pith_cbor_text(w, "out");
  pith_cbor_head(w, PITH_CBOR_BSTR, bytes);
  if (w->limit - w->at < bytes) {
    w->overflow = 1;
    return;
  }
  pith_model_read_output(m, offset, w->to + w->at, bytes);
  w->at += bytes;
}

int pith_user_infer(pith_agent *a, pith_cbor_writer *w) {
  pith_model *m = pith_agent_model(a);
  if (!m) return PITH_NO_MODEL;
  uint32_t offset = m->received;
  const pith_cbor_entry *data = pith_cbor_find(&a->request, "data", PITH_CBOR_BSTR);
  (void)uint_of(a, "off", &offset);
  if (data) {
    if (offset == 0) m->received = 0;
    if (offset != m->received) return PITH_OFFSET;
    if (data->value > m->input_bytes - offset) return PITH_ARGUMENT;
    pith_model_write_input(m, offset, data->bytes, data->value);
    m->received += data->value;
  }
  if (!is_true(a, "run")) {
    pith_cbor_pair(w, "off", m->received);
    return PITH_OK;
  }
  if (m->received != m->input_bytes) return PITH_NO_INPUT;
  if (pith_agent_infer(a) != 0) return PITH_FAILED;
  pith_cbor_pair(w, "off", m->input_bytes); /* a write's answer names the input's offset */
  write_output(m, w, 0);
  return PITH_OK;
}

int pith_user_output(pith_agent *a, pith_cbor_writer *w) {
  const pith_model *m = pith_agent_model(a);
  uint32_t offset = 0;
  if (!m) return PITH_NO_MODEL;
  if (!uint_of(a, "off", &offset) || offset > m->output_bytes) return PITH_ARGUMENT;
  pith_cbor_pair(w, "off", offset);
  write_output(m, w, offset);
  return PITH_OK;
}

int pith_user_step(pith_agent *a, pith_cbor_writer *w) {
  pith_model *m = pith_agent_model(a);
  uint32_t first = 0, count = 0;
  if (!m) return PITH_NO_MODEL;
  if (!uint_of(a, "i", &first) || !uint_of(a, "n", &count)) return PITH_ARGUMENT;
  if (count > STEPS_PER_REQUEST || first > m->d->step_count || count > m->d->step_count - first) return PITH_ARGUMENT;
  if (first == 0 && m->received != m->input_bytes) return PITH_NO_INPUT;
  m->received = 0;
  pith_cbor_text(w, "crc");
  pith_cbor_open_array(w);
  for (uint32_t i = first; i < first + count; i++) {
    uint32_t crc = 0;
    if (pith_model_probe(m, i, &crc) != 0) return PITH_FAILED;
    pith_cbor_head(w, PITH_CBOR_UINT, crc);
  }
  pith_cbor_close(w);
  return PITH_OK;
}

int pith_user_peek(pith_agent *a, pith_cbor_writer *w) {
  const pith_model *m = pith_agent_model(a);
  const pith_key_record *keys = pith_keys();
  uint32_t offset = 0, bytes = 0;
  if (!m) return PITH_NO_MODEL;
  if (!keys || !(keys->flags & 1u)) return PITH_NOT_DEVELOPMENT;
  if (!uint_of(a, "off", &offset) || !uint_of(a, "len", &bytes)) return PITH_ARGUMENT;
  if (bytes > DATA_LIMIT || offset > m->d->ram_bytes || bytes > m->d->ram_bytes - offset) return PITH_ARGUMENT;
  pith_cbor_text(w, "data");
  pith_cbor_bytes(w, pith_port_board()->ram + offset, bytes);
  return PITH_OK;
}

int pith_user_telemetry(pith_agent *a, pith_cbor_writer *w) {
  pith_model *m = pith_agent_model(a);
  pith_telemetry *t = &a->telemetry;
  uint32_t acknowledged = 0, offset = 0;
  if (!m || m->d->monitors_bytes == 0) return PITH_NO_MODEL;
  if (uint_of(a, "ack", &acknowledged)) pith_telemetry_acknowledge(t, m, acknowledged);
  (void)uint_of(a, "off", &offset);
  pith_telemetry_prepare(t, m);
  const uint32_t length = t->pending ? t->frame_bytes : 0;
  if (offset > length) return PITH_OFFSET;
  const uint32_t bytes = smaller(length - offset, DATA_LIMIT);
  pith_cbor_pair(w, "seq", t->sequence);
  pith_cbor_pair(w, "len", length);
  pith_cbor_pair(w, "off", offset);
  pith_cbor_text(w, "more");
  pith_cbor_bool(w, offset + bytes < length);
  pith_cbor_text(w, "f");
  pith_cbor_head(w, PITH_CBOR_BSTR, bytes);
  if (bytes > 0 && w->limit - w->at >= bytes) w->at += pith_telemetry_read(t, m, offset, w->to + w->at, bytes);
  return PITH_OK;
}

int pith_user_configure(pith_agent *a, pith_cbor_writer *w) {
  (void)w;
  pith_model *m = pith_agent_model(a);
  if (!m) return PITH_NO_MODEL;
  const pith_cbor_entry *fresh = pith_cbor_find(&a->request, "fresh", PITH_CBOR_BOOL);
  if (fresh) m->fresh = (int)fresh->value;
  if (is_true(a, "state")) pith_model_reset_state(m);
  if (is_true(a, "monitors")) {
    pith_model_reset_monitors(m);
    pith_telemetry_reset(&a->telemetry);
  }
  return PITH_OK;
}

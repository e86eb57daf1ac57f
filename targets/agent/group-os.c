/* SMP groups os and stat. */
#include <string.h>

#include "agent.h"
#include "commands.h"
#include "port.h"

int pith_os_echo(pith_agent *a, pith_cbor_writer *w) {
  const pith_cbor_entry *text = pith_cbor_find(&a->request, "d", PITH_CBOR_TSTR);
  if (!text) return PITH_ARGUMENT;
  pith_cbor_text(w, "r");
  pith_cbor_head(w, PITH_CBOR_TSTR, text->value);
  if (w->limit - w->at < text->value) return PITH_ARGUMENT;
  memcpy(w->to + w->at, text->bytes, text->value);
  w->at += text->value;
  return PITH_OK;
}

int pith_os_reset(pith_agent *a, pith_cbor_writer *w) {
  (void)w;
  a->reset_requested = 1;
  return PITH_OK;
}

int pith_os_params(pith_agent *a, pith_cbor_writer *w) {
  (void)a;
  pith_cbor_pair(w, "buf_size", PITH_SMP_BUFFER);
  pith_cbor_pair(w, "buf_count", 1);
  return PITH_OK;
}

int pith_stat_list(pith_agent *a, pith_cbor_writer *w) {
  (void)a;
  pith_cbor_text(w, "stat_list");
  pith_cbor_open_array(w);
  pith_cbor_text(w, "pith");
  pith_cbor_close(w);
  return PITH_OK;
}

int pith_stat_read(pith_agent *a, pith_cbor_writer *w) {
  const pith_cbor_entry *name = pith_cbor_find(&a->request, "name", PITH_CBOR_TSTR);
  if (!name || name->value != 4 || memcmp(name->bytes, "pith", 4) != 0) return PITH_ARGUMENT;
  pith_cbor_text(w, "name");
  pith_cbor_text(w, "pith");
  pith_cbor_text(w, "fields");
  pith_cbor_open_map(w);
  pith_cbor_pair(w, "received", a->counters.received);
  pith_cbor_pair(w, "refused", a->counters.refused);
  pith_cbor_pair(w, "inferences", a->counters.inferences);
  pith_cbor_pair(w, "uploads", a->counters.uploads);
  pith_cbor_close(w);
  return PITH_OK;
}

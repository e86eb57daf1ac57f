/* SMP group image: list, upload, erase, test, confirm. */
#include <string.h>

#include "agent.h"
#include "commands.h"
#include "port.h"

/* Decimal digits of a number below 2^32. */
static char *decimal(char *to, uint32_t value) {
  char digits[10];
  int n = 0;
  do {
    digits[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  while (n > 0) *to++ = digits[--n];
  return to;
}

static void write_version(pith_cbor_writer *w, const uint8_t v[8]) {
  char text[40];
  char *at = decimal(text, v[0]);
  *at++ = '.';
  at = decimal(at, v[1]);
  *at++ = '.';
  at = decimal(at, (uint32_t)v[2] | (uint32_t)v[3] << 8);
  *at = 0;
  pith_cbor_text(w, "version");
  pith_cbor_text(w, text);
}

static void write_flag(pith_cbor_writer *w, const char *name, int value) {
  if (!value) return;
  pith_cbor_text(w, name);
  pith_cbor_bool(w, 1);
}

int pith_image_state(pith_agent *a, pith_cbor_writer *w) {
  const pith_board *board = pith_port_board();
  const pith_selector *selector = &a->slots.selector;
  pith_cbor_text(w, "images");
  pith_cbor_open_array(w);
  for (uint32_t slot = 0; slot < 2; slot++) {
    pith_image image;
    if (a->upload.active && a->upload.slot == slot) continue; /* part of one image, perhaps of another behind it */
    if (pith_image_parse(pith_port_flash(board->slot[slot]), pith_slot_capacity(), &image) != PITH_OK) continue;
    const int active = a->slots.model.loaded && a->slots.model.slot == slot;
    pith_cbor_open_map(w);
    pith_cbor_pair(w, "slot", slot);
    write_version(w, image.version);
    pith_cbor_text(w, "hash");
    pith_cbor_bytes(w, image.hash, 32);
    write_flag(w, "pending", selector->trial == slot && selector->trial_state == PITH_TRIAL_PENDING);
    write_flag(w, "confirmed", selector->confirmed == slot);
    write_flag(w, "active", active);
    pith_cbor_close(w);
  }
  pith_cbor_close(w);
  return PITH_OK;
}

/* Of two slots with the same image it is the free one, whose copy is newer: the other may be damaged. */
static uint32_t slot_of(const pith_slots *s, const uint8_t *hash) {
  uint32_t found = PITH_SLOT_NONE;
  for (uint32_t slot = 0; slot < 2; slot++) {
    pith_image image;
    if (pith_image_parse(pith_port_flash(pith_port_board()->slot[slot]), pith_slot_capacity(), &image) != PITH_OK) continue;
    if (memcmp(image.hash, hash, 32) == 0 && (found == PITH_SLOT_NONE || slot == pith_slots_free(s))) found = slot;
  }
  return found;
}

int pith_image_set_state(pith_agent *a, pith_cbor_writer *w) {
  const pith_cbor_entry *hash = pith_cbor_find(&a->request, "hash", PITH_CBOR_BSTR);
  const pith_cbor_entry *confirm = pith_cbor_find(&a->request, "confirm", PITH_CBOR_BOOL);
  const pith_model *m = pith_agent_model(a);
  int status;
  if (hash && hash->value != 32) return PITH_ARGUMENT;
  const uint32_t slot = hash ? slot_of(&a->slots, hash->bytes) : PITH_SLOT_NONE;
  if (hash && slot == PITH_SLOT_NONE) return PITH_ARGUMENT;
  if (confirm && confirm->value) {
    /* Only what runs can be confirmed: an image that never passed its self-test here cannot become permanent. */
    const int running = m && (!hash || memcmp(m->image.hash, hash->bytes, 32) == 0);
    status = running ? pith_slots_confirm(&a->slots) : PITH_NOT_PENDING;
  } else {
    status = hash ? pith_slots_test(&a->slots, slot) : PITH_ARGUMENT;
  }
  return status == PITH_OK ? pith_image_state(a, w) : status;
}

static int start_upload(pith_agent *a) {
  const pith_cbor_entry *length = pith_cbor_find(&a->request, "len", PITH_CBOR_UINT);
  const pith_cbor_entry *sha = pith_cbor_find(&a->request, "sha", PITH_CBOR_BSTR);
  if (!length || (sha && sha->value != 32)) return PITH_ARGUMENT;
  const uint32_t slot = pith_slots_free(&a->slots);
  if (slot == PITH_SLOT_NONE) return PITH_SLOT_BUSY;
  const int status = pith_slots_cancel(&a->slots);
  return status == PITH_OK ? pith_upload_begin(&a->upload, slot, length->value, sha ? sha->bytes : NULL) : status;
}

static int finish_upload(pith_agent *a, pith_cbor_writer *w) {
  pith_image image;
  const int match = pith_upload_finish(&a->upload);
  if (match) {
    const int status = pith_slots_check(&a->slots, a->upload.slot, &image);
    if (status != PITH_OK) return status;
    a->counters.uploads++;
  }
  pith_cbor_text(w, "match");
  pith_cbor_bool(w, match);
  return PITH_OK;
}

int pith_image_upload(pith_agent *a, pith_cbor_writer *w) {
  const pith_cbor_entry *offset = pith_cbor_find(&a->request, "off", PITH_CBOR_UINT);
  const pith_cbor_entry *data = pith_cbor_find(&a->request, "data", PITH_CBOR_BSTR);
  pith_upload *u = &a->upload;
  if (!offset || !data) return PITH_ARGUMENT;
  if (offset->value == 0) {
    const int status = start_upload(a);
    if (status != PITH_OK) return status;
  }
  if (!u->active) {
    /* Nothing is being received: the host must begin again with the first chunk's fields. */
    pith_cbor_pair(w, "off", 0);
    return PITH_OK;
  }
  if (offset->value == u->offset) {
    const int status = pith_upload_data(u, data->bytes, data->value);
    if (status != PITH_OK) return status;
  }
  /* Also at once, where a resumed upload had its last sector already. */
  if (u->offset == u->length) {
    const int status = finish_upload(a, w);
    if (status != PITH_OK) return status;
  }
  pith_cbor_pair(w, "off", u->offset);
  return PITH_OK;
}

int pith_image_erase(pith_agent *a, pith_cbor_writer *w) {
  (void)w;
  const pith_board *board = pith_port_board();
  const pith_cbor_entry *asked = pith_cbor_find(&a->request, "slot", PITH_CBOR_UINT);
  const uint32_t slot = asked ? asked->value : pith_slots_free(&a->slots);
  const pith_selector *s = &a->slots.selector;
  if (slot > 1) return asked ? PITH_ARGUMENT : PITH_SLOT_BUSY;
  const int in_use = (a->slots.model.loaded && a->slots.model.slot == slot) || s->confirmed == slot || s->trial == slot;
  if (in_use) return PITH_SLOT_BUSY;
  pith_upload_drop(&a->upload, slot);
  for (uint32_t sector = 0; sector < board->slot_sectors; sector++)
    if (pith_port_erase(board->slot[slot] + sector * board->sector_bytes)) return PITH_FLASH;
  return PITH_OK;
}

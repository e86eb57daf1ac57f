#include "cbor.h"

#include <string.h>

enum { MAX_DEPTH = 4 };
enum { MAJOR_ARRAY = 4, MAJOR_MAP = 5, MAJOR_TAG = 6, MAJOR_SIMPLE = 7 };
enum { INFO_INDEFINITE = 31, SIMPLE_FALSE = 20, SIMPLE_TRUE = 21, SIMPLE_NULL = 22, BREAK = 0xff };

typedef struct {
  const uint8_t *at;
  const uint8_t *end;
} cursor;

typedef struct {
  int major;
  int info;
  uint32_t value;
} item;

/* Reads the head of one item; strings are not consumed. */
static int read_head(cursor *c, item *out) {
  if (c->at >= c->end) return -1;
  const uint8_t first = *c->at++;
  out->major = first >> 5;
  out->info = first & 31;
  out->value = 0;
  if (out->info < 24) {
    out->value = (uint32_t)out->info;
    return 0;
  }
  if (out->info == INFO_INDEFINITE) return 0;
  if (out->info > 27) return -1;
  const int length = 1 << (out->info - 24);
  if (c->end - c->at < length) return -1;
  for (int i = 0; i < length; i++) {
    if (out->value >> 24) return -1; /* above 32 bits */
    out->value = (out->value << 8) | *c->at++;
  }
  return 0;
}

static int skip_string(cursor *c, const item *head) {
  if (head->info == INFO_INDEFINITE || head->value > (size_t)(c->end - c->at)) return -1;
  c->at += head->value;
  return 0;
}

/* Skips the rest of a value whose head was read: arrays and maps with an explicit stack of what is left. */
static int skip_value(cursor *c, item head) {
  uint32_t left[MAX_DEPTH];
  int endless[MAX_DEPTH];
  int depth = 0;
  for (;;) {
    switch (head.major) {
      case PITH_CBOR_BSTR:
      case PITH_CBOR_TSTR:
        if (skip_string(c, &head)) return -1;
        break;
      case MAJOR_ARRAY:
      case MAJOR_MAP:
        if (depth == MAX_DEPTH - 1 || head.value > 0xffffu) return -1;
        endless[depth] = head.info == INFO_INDEFINITE;
        left[depth++] = head.major == MAJOR_MAP ? head.value * 2 : head.value;
        break;
      case MAJOR_TAG:
        return -1;
      default:
        if (head.info == INFO_INDEFINITE) return -1;
        break;
    }
    for (;;) {
      if (depth == 0) return 0;
      if (endless[depth - 1]) {
        if (c->at >= c->end) return -1;
        if (*c->at != BREAK) break;
        c->at++;
      } else if (left[depth - 1] > 0) {
        left[depth - 1]--;
        break;
      }
      depth--;
    }
    if (read_head(c, &head)) return -1;
  }
}

static int read_entry(cursor *c, pith_cbor_entry *e) {
  item head;
  if (read_head(c, &head) || head.major != PITH_CBOR_TSTR) return -1;
  e->key = (const char *)c->at;
  e->key_bytes = head.value;
  if (skip_string(c, &head)) return -1;
  if (read_head(c, &head)) return -1;
  e->value = head.value;
  e->bytes = c->at;
  e->type = PITH_CBOR_OTHER;
  if (head.major <= PITH_CBOR_TSTR) e->type = head.major;
  if (head.major <= PITH_CBOR_NINT && head.info == INFO_INDEFINITE) return -1;
  if (head.major == MAJOR_SIMPLE && (head.info == SIMPLE_FALSE || head.info == SIMPLE_TRUE)) {
    e->type = PITH_CBOR_BOOL;
    e->value = head.info == SIMPLE_TRUE;
  }
  return skip_value(c, head);
}

static int same_key(const pith_cbor_entry *e, const char *key, size_t bytes) {
  return e->key_bytes == bytes && memcmp(e->key, key, bytes) == 0;
}

int pith_cbor_read(const uint8_t *from, size_t bytes, pith_cbor_map *map) {
  cursor c = {from, from + bytes};
  item head;
  map->count = 0;
  if (read_head(&c, &head) || head.major != MAJOR_MAP) return -1;
  const int endless = head.info == INFO_INDEFINITE;
  for (uint32_t left = head.value; endless || left > 0; left--) {
    if (endless && c.at < c.end && *c.at == BREAK) {
      c.at++;
      break;
    }
    if (map->count == PITH_CBOR_ENTRIES) return -1;
    pith_cbor_entry *e = &map->entry[map->count];
    if (read_entry(&c, e)) return -1;
    for (int i = 0; i < map->count; i++)
      if (same_key(&map->entry[i], e->key, e->key_bytes)) return -1;
    map->count++;
  }
  return c.at == c.end ? 0 : -1;
}

const pith_cbor_entry *pith_cbor_find(const pith_cbor_map *map, const char *key, int type) {
  for (int i = 0; i < map->count; i++)
    if (map->entry[i].type == type && same_key(&map->entry[i], key, strlen(key))) return &map->entry[i];
  return NULL;
}

static void put(pith_cbor_writer *w, const uint8_t *from, size_t bytes) {
  if (w->limit - w->at < bytes) {
    w->overflow = 1;
    return;
  }
  memcpy(w->to + w->at, from, bytes);
  w->at += bytes;
}

static void put_byte(pith_cbor_writer *w, int byte) {
  const uint8_t b = (uint8_t)byte;
  put(w, &b, 1);
}

void pith_cbor_head(pith_cbor_writer *w, int major, uint32_t value) {
  if (value < 24) {
    put_byte(w, (major << 5) | (int)value);
    return;
  }
  const int length = value < 0x100u ? 1 : value < 0x10000u ? 2 : 4;
  put_byte(w, (major << 5) | (length == 1 ? 24 : length == 2 ? 25 : 26));
  for (int i = length - 1; i >= 0; i--) put_byte(w, (int)(value >> (8 * i)) & 0xff);
}

void pith_cbor_text(pith_cbor_writer *w, const char *text) {
  const size_t bytes = strlen(text);
  pith_cbor_head(w, PITH_CBOR_TSTR, (uint32_t)bytes);
  put(w, (const uint8_t *)text, bytes);
}

void pith_cbor_bytes(pith_cbor_writer *w, const uint8_t *from, size_t bytes) {
  pith_cbor_head(w, PITH_CBOR_BSTR, (uint32_t)bytes);
  put(w, from, bytes);
}

void pith_cbor_bool(pith_cbor_writer *w, int value) { put_byte(w, (MAJOR_SIMPLE << 5) | (value ? SIMPLE_TRUE : SIMPLE_FALSE)); }
void pith_cbor_open_map(pith_cbor_writer *w) { put_byte(w, (MAJOR_MAP << 5) | INFO_INDEFINITE); }
void pith_cbor_open_array(pith_cbor_writer *w) { put_byte(w, (MAJOR_ARRAY << 5) | INFO_INDEFINITE); }
void pith_cbor_close(pith_cbor_writer *w) { put_byte(w, BREAK); }

void pith_cbor_pair(pith_cbor_writer *w, const char *key, uint32_t value) {
  pith_cbor_text(w, key);
  pith_cbor_head(w, PITH_CBOR_UINT, value);
}

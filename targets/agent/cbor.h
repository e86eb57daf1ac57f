/* CBOR (RFC 8949), the subset of SMP: a bounded reader of one map and a bounded writer. */
#ifndef PITH_CBOR_H
#define PITH_CBOR_H

#include <stddef.h>
#include <stdint.h>

enum { PITH_CBOR_UINT = 0, PITH_CBOR_NINT = 1, PITH_CBOR_BSTR = 2, PITH_CBOR_TSTR = 3, PITH_CBOR_OTHER = 4, PITH_CBOR_BOOL = 7 };
enum { PITH_CBOR_ENTRIES = 12 };

/* One entry of a map with text keys. `value`: the integer (NINT: -1 - value), the bool, or a string's length. */
typedef struct {
  const char *key;
  size_t key_bytes;
  int type;
  uint32_t value;
  const uint8_t *bytes;
} pith_cbor_entry;

typedef struct {
  pith_cbor_entry entry[PITH_CBOR_ENTRIES];
  int count;
} pith_cbor_map;

/* Reads exactly one map, definite or not, nesting at most 4, no key twice; 0 or -1. Values above 32 bits are refused. */
int pith_cbor_read(const uint8_t *from, size_t bytes, pith_cbor_map *map);
/* The entry of a key and type, or NULL. */
const pith_cbor_entry *pith_cbor_find(const pith_cbor_map *map, const char *key, int type);

typedef struct {
  uint8_t *to;
  size_t limit;
  size_t at;
  int overflow;
} pith_cbor_writer;

void pith_cbor_head(pith_cbor_writer *w, int major, uint32_t value);
void pith_cbor_text(pith_cbor_writer *w, const char *text);
void pith_cbor_bytes(pith_cbor_writer *w, const uint8_t *from, size_t bytes);
void pith_cbor_bool(pith_cbor_writer *w, int value);
/* Maps and arrays of unknown length: open, entries, close. */
void pith_cbor_open_map(pith_cbor_writer *w);
void pith_cbor_open_array(pith_cbor_writer *w);
void pith_cbor_close(pith_cbor_writer *w);
/* key: uint */
void pith_cbor_pair(pith_cbor_writer *w, const char *key, uint32_t value);

#endif

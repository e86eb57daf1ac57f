/* MCUboot image format, as a model image: header, payload (descriptor first), protected TLVs, TLVs. */
#ifndef PITH_IMAGE_H
#define PITH_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "port.h"

enum { PITH_IMAGE_HEADER = 32, PITH_KEYS = 2 };

typedef struct {
  const uint8_t *start;
  const uint8_t *payload;
  uint32_t payload_bytes;
  uint32_t signed_bytes; /* header, payload and protected TLVs: what the hash covers */
  uint32_t total_bytes;
  uint8_t version[8];    /* major, minor, revision u16, build u32 */
  uint32_t counter;
  uint32_t target;
  uint32_t abi;
  uint32_t manifest_hash;
  const uint8_t *hash;
  const uint8_t *key_hash;
  const uint8_t *signature;
} pith_image;

/* The key sector: written once, when the board is provisioned. */
typedef struct {
  uint32_t magic;
  uint32_t flags; /* bit 0: development board */
  uint8_t key[PITH_KEYS][32];
  uint32_t crc;
} pith_key_record;
#define PITH_KEY_MAGIC 0x796b6970u

/* Structure only: every length inside `limit`. PITH_OK or PITH_IMAGE_MALFORMED. */
int pith_image_parse(const uint8_t *slot, uint32_t limit, pith_image *image);
/* Everything that can be known without running it: hash, key, signature, target, ABI, RAM, counter. PITH_OK or a status. */
int pith_image_check(const pith_image *image, uint32_t counter);
/* The provisioned keys, or NULL. */
const pith_key_record *pith_keys(void);
/* The image's descriptor; its tables lie inside the payload once pith_image_check has passed. */
const pith_descriptor *pith_image_descriptor(const pith_image *image);

uint32_t pith_crc32(uint32_t crc, const uint8_t *from, size_t bytes);

#endif

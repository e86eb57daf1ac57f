#include "image.h"

#include <string.h>

#include "commands.h"
#include "sha256.h"

enum { TLV_INFO = 0x6907, TLV_PROTECTED_INFO = 0x6908 };
enum { TLV_KEYHASH = 0x01, TLV_SHA256 = 0x10, TLV_ED25519 = 0x24, TLV_SEC_CNT = 0x50 };
#define IMAGE_MAGIC 0x96f3b83du

/* DER of an Ed25519 SubjectPublicKeyInfo before the 32 key bytes (RFC 8410). */
static const uint8_t spki_prefix[12] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

static uint32_t u16(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }
static uint32_t u32(const uint8_t *p) { return u16(p) | u16(p + 2) << 16; }

uint32_t pith_crc32(uint32_t crc, const uint8_t *from, size_t bytes) {
  crc = ~crc;
  for (size_t i = 0; i < bytes; i++) {
    crc ^= from[i];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1u ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
  }
  return ~crc;
}

/* One TLV of the protected area (or the other one); each type at most once. */
static int take_tlv(pith_image *image, int is_protected, uint32_t type, uint32_t bytes, const uint8_t *value) {
  if (is_protected) {
    const uint32_t expected = type == PITH_TLV_TARGET ? 8 : type == TLV_SEC_CNT || type == PITH_TLV_MANIFEST_HASH ? 4 : bytes;
    if (bytes != expected) return -1;
    if (type == TLV_SEC_CNT) image->counter = u32(value);
    if (type == PITH_TLV_MANIFEST_HASH) image->manifest_hash = u32(value);
    if (type == PITH_TLV_TARGET) {
      image->target = u32(value);
      image->abi = u32(value + 4);
    }
    return 0;
  }
  const uint8_t **place = type == TLV_SHA256 ? &image->hash : type == TLV_KEYHASH ? &image->key_hash : type == TLV_ED25519 ? &image->signature : NULL;
  if (!place) return 0;
  if (*place || bytes != (type == TLV_ED25519 ? 64u : 32u)) return -1;
  *place = value;
  return 0;
}

/* A TLV area at `at`; returns its size, 0 when malformed. */
static uint32_t read_area(pith_image *image, const uint8_t *slot, uint32_t at, uint32_t limit, int is_protected) {
  if (limit - at < 4 || u16(slot + at) != (is_protected ? TLV_PROTECTED_INFO : TLV_INFO)) return 0;
  const uint32_t total = u16(slot + at + 2);
  if (total < 4 || total > limit - at) return 0;
  for (uint32_t i = 4; i < total;) {
    if (total - i < 4) return 0;
    const uint32_t bytes = u16(slot + at + i + 2);
    if (bytes > total - i - 4) return 0;
    if (take_tlv(image, is_protected, u16(slot + at + i), bytes, slot + at + i + 4)) return 0;
    i += 4 + bytes;
  }
  return total;
}

int pith_image_parse(const uint8_t *slot, uint32_t limit, pith_image *image) {
  memset(image, 0, sizeof *image);
  if (limit < PITH_IMAGE_HEADER || u32(slot) != IMAGE_MAGIC || u16(slot + 8) != PITH_IMAGE_HEADER) return PITH_IMAGE_MALFORMED;
  const uint32_t protected_bytes = u16(slot + 10);
  const uint32_t payload_bytes = u32(slot + 12);
  if (payload_bytes < sizeof(pith_descriptor) || payload_bytes > limit - PITH_IMAGE_HEADER) return PITH_IMAGE_MALFORMED;
  image->start = slot;
  image->payload = slot + PITH_IMAGE_HEADER;
  image->payload_bytes = payload_bytes;
  memcpy(image->version, slot + 20, sizeof image->version);
  uint32_t at = PITH_IMAGE_HEADER + payload_bytes;
  if (read_area(image, slot, at, limit, 1) != protected_bytes || protected_bytes == 0) return PITH_IMAGE_MALFORMED;
  at += protected_bytes;
  image->signed_bytes = at;
  const uint32_t area = read_area(image, slot, at, limit, 0);
  if (area == 0 || !image->hash || !image->key_hash || !image->signature) return PITH_IMAGE_MALFORMED;
  image->total_bytes = at + area;
  return PITH_OK;
}

const pith_key_record *pith_keys(void) {
  const pith_key_record *record = (const void *)pith_port_flash(pith_port_board()->keys);
  const int valid = record->magic == PITH_KEY_MAGIC && record->crc == pith_crc32(0, (const uint8_t *)record, offsetof(pith_key_record, crc));
  return valid ? record : NULL;
}

static int key_matches(const uint8_t key[32], const uint8_t *key_hash) {
  uint8_t digest[32];
  pith_sha256 sha;
  pith_sha256_init(&sha);
  pith_sha256_update(&sha, spki_prefix, sizeof spki_prefix);
  pith_sha256_update(&sha, key, 32);
  pith_sha256_final(&sha, digest);
  return memcmp(digest, key_hash, 32) == 0;
}

static int check_signature(const pith_image *image) {
  const pith_key_record *keys = pith_keys();
  if (!keys) return PITH_IMAGE_KEY;
  for (int i = 0; i < PITH_KEYS; i++)
    if (key_matches(keys->key[i], image->key_hash))
      return pith_port_verify(image->signature, image->hash, 32, keys->key[i]) == 0 ? PITH_OK : PITH_IMAGE_SIGNATURE;
  return PITH_IMAGE_KEY;
}

static int check_hash(const pith_image *image) {
  uint8_t digest[32];
  pith_sha256 sha;
  pith_sha256_init(&sha);
  pith_sha256_update(&sha, image->start, image->signed_bytes);
  pith_sha256_final(&sha, digest);
  return memcmp(digest, image->hash, 32) == 0 ? PITH_OK : PITH_IMAGE_HASH;
}

const pith_descriptor *pith_image_descriptor(const pith_image *image) { return (const void *)image->payload; }

static int table_fits(const pith_descriptor *d, uint32_t offset, uint32_t count, uint32_t row) {
  return offset % 4 == 0 && count <= 4096 && offset <= d->image_bytes && count * row <= d->image_bytes - offset;
}

/* Every span of a table inside the model's RAM. */
static int spans_fit(const pith_descriptor *d, uint32_t offset, uint32_t count) {
  if (!table_fits(d, offset, count, sizeof(pith_span))) return 0;
  const pith_span *span = (const void *)((const uint8_t *)d + offset);
  for (uint32_t i = 0; i < count; i++)
    if (span[i].offset > d->ram_bytes || span[i].bytes > d->ram_bytes - span[i].offset) return 0;
  return 1;
}

/* Inputs and outputs are also one byte string, whose length is a sum that must not wrap. */
static int ports_fit(const pith_descriptor *d, uint32_t offset, uint32_t count) {
  if (!spans_fit(d, offset, count)) return 0;
  const pith_span *span = (const void *)((const uint8_t *)d + offset);
  uint32_t total = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (span[i].bytes > INT32_MAX - total) return 0;
    total += span[i].bytes;
  }
  return 1;
}

static int check_descriptor(const pith_image *image) {
  const pith_descriptor *d = pith_image_descriptor(image);
  const pith_board *board = pith_port_board();
  if (d->magic != PITH_DESCRIPTOR_MAGIC) return PITH_IMAGE_MALFORMED;
  if (d->abi != PITH_ABI_VERSION || image->abi != PITH_ABI_VERSION || d->descriptor_bytes != sizeof *d) return PITH_IMAGE_ABI;
  if (d->target != board->target || image->target != board->target) return PITH_IMAGE_TARGET;
  if (d->manifest_hash != image->manifest_hash) return PITH_IMAGE_MALFORMED;
  if (d->image_bytes > image->payload_bytes || ((uintptr_t)d & 15u) != 0) return PITH_IMAGE_MALFORMED;
  if (d->ram_bytes > board->ram_bytes || d->ram_alignment > 16) return PITH_IMAGE_RAM;
  /* The agent's copies of the monitors, which are words, begin where the model's RAM ends. */
  if (d->ram_bytes % 4 != 0) return PITH_IMAGE_MALFORMED;
  if (d->monitors_offset > d->ram_bytes || d->monitors_bytes > d->ram_bytes - d->monitors_offset || d->monitors_bytes % 4 != 0 || d->monitors_offset % 4 != 0)
    return PITH_IMAGE_MALFORMED;
  /* The agent keeps three copies of the monitors behind the model's RAM: acknowledged, pending, saved. */
  if (d->monitors_bytes > (board->ram_bytes - d->ram_bytes) / 3) return PITH_IMAGE_MONITORS;
  const uint32_t functions[] = {d->init_offset, d->infer_offset, d->step_offset, d->monitors_reset_offset};
  for (unsigned i = 0; i < 4; i++)
    if (functions[i] < sizeof *d || functions[i] >= d->image_bytes) return PITH_IMAGE_MALFORMED;
  if (!spans_fit(d, d->steps_offset, d->step_count) || !ports_fit(d, d->inputs_offset, d->input_count) || !ports_fit(d, d->outputs_offset, d->output_count))
    return PITH_IMAGE_MALFORMED;
  return table_fits(d, d->self_test_offset, d->self_test_count, sizeof(pith_self_test)) ? PITH_OK : PITH_IMAGE_MALFORMED;
}

int pith_image_check(const pith_image *image, uint32_t counter) {
  /* The signature first: nothing else of a foreign image is worth a word. */
  int status = check_hash(image);
  if (status == PITH_OK) status = check_signature(image);
  if (status == PITH_OK) status = check_descriptor(image);
  if (status == PITH_OK && image->counter < counter) status = PITH_IMAGE_COUNTER;
  return status;
}

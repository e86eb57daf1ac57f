/*
 * SHA-256 (FIPS 180-4), as a stream. No heap; the context is 64 bytes of block and 32 of state.
 */
#ifndef PITH_SHA256_H
#define PITH_SHA256_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint32_t state[8];
  uint64_t length; /* bytes taken so far */
  uint8_t block[64];
} pith_sha256;

void pith_sha256_init(pith_sha256 *hash);
void pith_sha256_update(pith_sha256 *hash, const uint8_t *data, size_t length);
/* Writes the digest; the context needs an init before its next use. */
void pith_sha256_final(pith_sha256 *hash, uint8_t out[32]);

#endif

/*
 * SHA-512 (FIPS 180-4), as a stream. No heap; the context is 128 bytes of block and 64 of state.
 */
#ifndef PITH_SHA512_H
#define PITH_SHA512_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t state[8];
  uint64_t length; /* bytes taken so far */
  uint8_t block[128];
} pith_sha512;

void pith_sha512_init(pith_sha512 *hash);
void pith_sha512_update(pith_sha512 *hash, const uint8_t *data, size_t length);
/* Writes the digest; the context needs an init before its next use. */
void pith_sha512_final(pith_sha512 *hash, uint8_t out[64]);

#endif

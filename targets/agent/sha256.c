#include "sha256.h"

#include <string.h>

#define BLOCK 64u
#define WORD 4u

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t K[64] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u,
};

static uint32_t rotate(uint32_t x, unsigned n) { return (uint32_t)((x >> n) | (x << (32u - n))); }

static void compress(pith_sha256 *hash) {
  uint32_t w[16]; /* the schedule, as a ring: w[i mod 16] replaces w[i - 16] */
  uint32_t s[8];
  for (unsigned i = 0; i < 16; i++) {
    w[i] = 0;
    for (unsigned j = 0; j < WORD; j++) w[i] = (uint32_t)((w[i] << 8) | hash->block[WORD * i + j]);
  }
  memcpy(s, hash->state, sizeof s);
  for (unsigned i = 0; i < 64; i++) {
    uint32_t *const here = &w[i & 15u];
    if (i >= 16) {
      const uint32_t a = w[(i + 1) & 15u];
      const uint32_t b = w[(i + 14) & 15u];
      *here += w[(i + 9) & 15u] + (rotate(a, 7) ^ rotate(a, 18) ^ (a >> 3)) +
               (rotate(b, 17) ^ rotate(b, 19) ^ (b >> 10));
    }
    const uint32_t t1 = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
                        ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + *here;
    const uint32_t t2 = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
                        ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    for (unsigned j = 7; j > 0; j--) s[j] = s[j - 1];
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (unsigned i = 0; i < 8; i++) hash->state[i] += s[i];
}

void pith_sha256_init(pith_sha256 *hash) {
  /* The first 32 bits of the fractions of the square roots of the first 8 primes. */
  static const uint32_t start[8] = {
      0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
      0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
  };
  memcpy(hash->state, start, sizeof start);
  hash->length = 0;
}

void pith_sha256_update(pith_sha256 *hash, const uint8_t *data, size_t length) {
  while (length > 0) {
    const size_t at = (size_t)(hash->length % BLOCK);
    const size_t n = length < BLOCK - at ? length : BLOCK - at;
    memcpy(hash->block + at, data, n);
    hash->length += n;
    data += n;
    length -= n;
    if (at + n == BLOCK) compress(hash);
  }
}

void pith_sha256_final(pith_sha256 *hash, uint8_t out[32]) {
  /* Padding: 0x80, zeros, then the length in bits, big-endian, in the last 8 bytes (the top ones stay 0). */
  const uint64_t bits = hash->length * 8;
  size_t at = (size_t)(hash->length % BLOCK);
  hash->block[at++] = 0x80;
  if (at > BLOCK - 8u) {
    memset(hash->block + at, 0, BLOCK - at);
    compress(hash);
    at = 0;
  }
  memset(hash->block + at, 0, BLOCK - at);
  for (unsigned i = 0; i < 8; i++) hash->block[BLOCK - 1u - i] = (uint8_t)(bits >> (8u * i));
  compress(hash);
  for (unsigned i = 0; i < 32; i++) out[i] = (uint8_t)(hash->state[i / WORD] >> (32u - 8u - 8u * (i % WORD)));
}

/*
 * Drives the device's cryptography from a test. Standard input: records of an operation byte, then
 *   'v' signature[64] key[32] length[4, little-endian] message  ->  one byte: 0 valid, 1 refused
 *   's' / 'S' length[4] chunk[4] data                           ->  SHA-256 / SHA-512, fed `chunk` bytes at a time
 */
#include <stdio.h>
#include <stdlib.h>

#include "ed25519.h"
#include "sha256.h"
#include "sha512.h"

static uint8_t message[1u << 16];

static void take(uint8_t *out, size_t length) {
  if (fread(out, 1, length, stdin) != length) exit(2);
}

static size_t take_length(void) {
  uint8_t b[4];
  take(b, 4);
  const size_t n = (size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
  if (n > sizeof message) exit(3);
  return n;
}

static void verify(void) {
  uint8_t signature[64], key[32];
  take(signature, 64);
  take(key, 32);
  const size_t length = take_length();
  take(message, length);
  putchar(pith_ed25519_verify(signature, message, length, key) == 0 ? 0 : 1);
}

static void digest(int operation) {
  const size_t length = take_length();
  const size_t chunk = take_length();
  uint8_t out[64];
  pith_sha256 small;
  pith_sha512 large;
  take(message, length);
  pith_sha256_init(&small);
  pith_sha512_init(&large);
  for (size_t at = 0; at < length; at += chunk) {
    const size_t n = length - at < chunk ? length - at : chunk;
    if (operation == 's') pith_sha256_update(&small, message + at, n);
    else pith_sha512_update(&large, message + at, n);
  }
  if (operation == 's') pith_sha256_final(&small, out);
  else pith_sha512_final(&large, out);
  fwrite(out, 1, operation == 's' ? 32 : 64, stdout);
}

int main(void) {
  for (int operation; (operation = getchar()) != EOF;) {
    if (operation == 'v') verify();
    else digest(operation);
  }
  return 0;
}

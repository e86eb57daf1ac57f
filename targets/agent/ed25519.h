/*
 * Ed25519 (RFC 8032), verification only. All data is public, so time depends on it; no heap, about 1.2 KB of stack.
 */
#ifndef PITH_ED25519_H
#define PITH_ED25519_H

#include <stddef.h>
#include <stdint.h>

/*
 * 0 when `signature` is that of `message` under `public_key`, -1 otherwise. Strict: S below the group order L (no second
 * signature from a first one), canonical encodings of both points, no public key of small order (under such a key
 * one signature fits many messages). The equation is the one without cofactor, as in OpenSSL.
 */
int pith_ed25519_verify(const uint8_t signature[64], const uint8_t *message, size_t length,
                        const uint8_t public_key[32]);

#endif

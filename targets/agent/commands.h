/* Generated from sdk/device/commands.ts by targets/agent/headers.ts; run `npm run golden` after a change. */
#ifndef PITH_COMMANDS_H
#define PITH_COMMANDS_H

#define PITH_GROUP 65u

#define PITH_CMD_INFO 0u
#define PITH_CMD_INFER 1u
#define PITH_CMD_STEP 2u
#define PITH_CMD_TELEMETRY 3u
#define PITH_CMD_CONFIGURE 4u

#define PITH_TLV_TARGET 0x00a0u
#define PITH_TLV_MANIFEST_HASH 0x01a0u

/* Status of group 65. */
enum {
  PITH_OK = 0, /* done */
  PITH_NO_MODEL = 1, /* no model is active */
  PITH_ARGUMENT = 2, /* an argument is missing or out of range */
  PITH_OFFSET = 3, /* the offset is not the one expected */
  PITH_NO_INPUT = 4, /* the input is not complete */
  PITH_NOT_DEVELOPMENT = 5, /* this board is no development board */
  PITH_IMAGE_MALFORMED = 6, /* the image is not well-formed */
  PITH_IMAGE_ABI = 7, /* the image has another ABI version */
  PITH_IMAGE_TARGET = 8, /* the image was compiled for another core */
  PITH_IMAGE_RAM = 9, /* the model needs more RAM than the board gives */
  PITH_IMAGE_HASH = 10, /* the image's SHA-256 does not match its bytes */
  PITH_IMAGE_KEY = 11, /* the image is signed with a key that this board does not know */
  PITH_IMAGE_SIGNATURE = 12, /* the image's signature is wrong */
  PITH_IMAGE_COUNTER = 13, /* the image's security counter is older than the board's */
  PITH_IMAGE_SELFTEST = 14, /* the self-test gave other bytes than the host, or did not end */
  PITH_IMAGE_LARGE = 15, /* the image does not fit a slot */
  PITH_SLOT_BUSY = 16, /* both slots are in use */
  PITH_FLASH = 17, /* the flash did not take the bytes */
  PITH_NOT_PENDING = 18, /* there is no image to confirm */
  PITH_IMAGE_MONITORS = 19, /* the model has more monitor words than the agent keeps */
  PITH_FAILED = 20, /* the model returned a status */
};

#endif

#include "agent.h"

#include <string.h>

#include "commands.h"
#include "port.h"

enum { OP_READ = 0, OP_WRITE = 2 };
/* The sequence number is in the CRC, so only an immediate repetition by the same host can match. */
enum { REPEAT_MS = 15000 };
enum { GROUP_OS = 0, GROUP_IMAGE = 1, GROUP_STAT = 2 };
/* SMP's own status codes. */
enum { SMP_UNKNOWN = 1, SMP_INVALID = 3, SMP_BAD_STATE = 6, SMP_TOO_LARGE = 7, SMP_NOT_SUPPORTED = 8, SMP_CORRUPT = 9, SMP_DENIED = 11 };

typedef struct {
  uint8_t op;
  uint16_t group;
  uint8_t id;
  pith_command run;
} route;

static const route routes[] = {
    {OP_WRITE, GROUP_OS, 0, pith_os_echo},
    {OP_READ, GROUP_OS, 0, pith_os_echo},
    {OP_WRITE, GROUP_OS, 5, pith_os_reset},
    {OP_READ, GROUP_OS, 6, pith_os_params},
    {OP_READ, GROUP_IMAGE, 0, pith_image_state},
    {OP_WRITE, GROUP_IMAGE, 0, pith_image_set_state},
    {OP_WRITE, GROUP_IMAGE, 1, pith_image_upload},
    {OP_WRITE, GROUP_IMAGE, 5, pith_image_erase},
    {OP_READ, GROUP_STAT, 0, pith_stat_read},
    {OP_READ, GROUP_STAT, 1, pith_stat_list},
    {OP_READ, PITH_GROUP, PITH_CMD_INFO, pith_user_info},
    {OP_WRITE, PITH_GROUP, PITH_CMD_INFER, pith_user_infer},
    {OP_READ, PITH_GROUP, PITH_CMD_INFER, pith_user_output},
    {OP_WRITE, PITH_GROUP, PITH_CMD_STEP, pith_user_step},
    {OP_READ, PITH_GROUP, PITH_CMD_STEP, pith_user_peek},
    {OP_READ, PITH_GROUP, PITH_CMD_TELEMETRY, pith_user_telemetry},
    {OP_WRITE, PITH_GROUP, PITH_CMD_CONFIGURE, pith_user_configure},
};

/* What a version 1 client, which knows no groups, is told. */
static uint32_t generic(int status) {
  switch (status) {
    case PITH_ARGUMENT:
    case PITH_OFFSET:
      return SMP_INVALID;
    case PITH_NO_MODEL:
    case PITH_NO_INPUT:
    case PITH_SLOT_BUSY:
    case PITH_NOT_PENDING:
      return SMP_BAD_STATE;
    case PITH_IMAGE_LARGE:
    case PITH_IMAGE_RAM:
    case PITH_IMAGE_MONITORS:
      return SMP_TOO_LARGE;
    case PITH_NOT_DEVELOPMENT:
    case PITH_IMAGE_KEY:
    case PITH_IMAGE_SIGNATURE:
    case PITH_IMAGE_COUNTER:
      return SMP_DENIED;
    case PITH_FLASH:
    case PITH_FAILED:
      return SMP_UNKNOWN;
    default:
      return SMP_CORRUPT;
  }
}

static const route *find(uint8_t op, uint32_t group, uint8_t id) {
  for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
    if (routes[i].op == op && routes[i].group == group && routes[i].id == id) return &routes[i];
  return NULL;
}

static void write_smp_error(pith_cbor_writer *w, uint32_t rc) {
  w->at = 0;
  pith_cbor_open_map(w);
  pith_cbor_pair(w, "rc", rc);
  pith_cbor_close(w);
}

static void write_status(pith_cbor_writer *w, int status, int version) {
  if (version == 0) {
    write_smp_error(w, generic(status));
    return;
  }
  w->at = 0;
  pith_cbor_open_map(w);
  pith_cbor_text(w, "err");
  pith_cbor_open_map(w);
  pith_cbor_pair(w, "group", PITH_GROUP);
  pith_cbor_pair(w, "rc", (uint32_t)status);
  pith_cbor_close(w);
  pith_cbor_close(w);
}

/* A request that the host repeats because the answer was lost must not run twice: its answer is sent again. */
static int is_repeated(pith_agent *a, const uint8_t *body, size_t bytes) {
  const uint32_t crc = pith_crc32(0, body, bytes);
  const uint32_t now = pith_port_time_ms();
  const int repeated = a->answered_bytes > 0 && crc == a->answered_crc && now - a->answered_at < REPEAT_MS;
  a->answered_crc = crc;
  a->answered_at = now;
  return repeated;
}

/* One request body; answers it. A body that is no SMP request is dropped. */
static void handle(pith_agent *a, const uint8_t *body, size_t bytes) {
  const int version = (body[0] >> 3) & 3;
  const uint8_t op = body[0] & 7;
  const size_t length = ((size_t)body[2] << 8) | body[3];
  if (version > 1 || (op != OP_READ && op != OP_WRITE) || length != bytes - PITH_SMP_HEADER) return;
  const uint32_t group = ((uint32_t)body[4] << 8) | body[5];
  uint8_t *head = a->response + 2;
  if (is_repeated(a, body, bytes)) {
    pith_smp_send(a->response, a->answered_bytes);
    return;
  }
  pith_cbor_writer w = {head + PITH_SMP_HEADER, PITH_SMP_BUFFER - 4 - PITH_SMP_HEADER, 0, 0};
  a->counters.received++;
  const route *to = find(op, group, body[7]);
  if (!to) {
    write_smp_error(&w, SMP_NOT_SUPPORTED);
    a->counters.refused++;
  } else if (pith_cbor_read(body + PITH_SMP_HEADER, length, &a->request)) {
    write_smp_error(&w, SMP_INVALID);
    a->counters.refused++;
  } else {
    pith_cbor_open_map(&w);
    int status = to->run(a, &w);
    pith_cbor_close(&w);
    if (status == PITH_OK && w.overflow) status = PITH_ARGUMENT;
    if (status != PITH_OK) {
      w.overflow = 0;
      write_status(&w, status, version);
      a->counters.refused++;
    }
  }
  head[0] = (uint8_t)((version << 3) | (op + 1));
  head[1] = 0;
  head[2] = (uint8_t)(w.at >> 8);
  head[3] = (uint8_t)w.at;
  head[4] = body[4];
  head[5] = body[5];
  head[6] = body[6];
  head[7] = body[7];
  a->answered_bytes = PITH_SMP_HEADER + w.at;
  pith_smp_send(a->response, a->answered_bytes);
  if (a->reset_requested) pith_port_reset();
}

void pith_agent_init(pith_agent *a) {
  memset(a, 0, sizeof *a);
  pith_slots_boot(&a->slots);
  a->telemetry.boot = pith_port_boot_id();
}

void pith_agent_poll(pith_agent *a) {
  uint8_t bytes[64];
  for (;;) {
    const size_t n = pith_port_uart_read(bytes, sizeof bytes);
    if (n == 0) return;
    for (size_t i = 0; i < n; i++) {
      const size_t body = pith_smp_feed(&a->receiver, bytes[i]);
      if (body > 0) handle(a, a->receiver.packet + 2, body);
    }
  }
}

pith_model *pith_agent_model(pith_agent *a) { return a->slots.model.loaded ? &a->slots.model : NULL; }

int32_t pith_agent_infer(pith_agent *a) {
  pith_model *m = pith_agent_model(a);
  if (!m) return -1;
  /* The input lies in the arena, which init leaves alone: it clears the state only. */
  if (m->fresh) pith_model_reset_state(m);
  const int32_t status = pith_model_infer(m);
  a->counters.inferences++;
  if (status == 0) a->telemetry.samples++;
  return status;
}

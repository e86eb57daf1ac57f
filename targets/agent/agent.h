/*
 * The device agent: the SMP server of a board that runs one model from slot A or B.
 *
 *     pith_agent_init(&agent);
 *     for (;;) { pith_agent_poll(&agent); pith_port_idle(); }
 *
 * An application with sensors of its own feeds the model between polls through pith_agent_model().
 * C99, no heap, no recursion; `pith_agent` is all the memory it has.
 */
#ifndef PITH_AGENT_H
#define PITH_AGENT_H

#include "cbor.h"
#include "slots.h"
#include "smp.h"
#include "telemetry.h"
#include "upload.h"

typedef struct {
  uint32_t received;  /* requests answered */
  uint32_t refused;   /* of them, with an error */
  uint32_t inferences;
  uint32_t uploads;   /* images received whole */
} pith_counters;

typedef struct {
  pith_slots slots;
  pith_upload upload;
  pith_telemetry telemetry;
  pith_counters counters;
  pith_smp_receiver receiver;
  pith_cbor_map request;
  uint8_t response[PITH_SMP_BUFFER];
  size_t answered_bytes; /* the last answer, still in `response`, and its request */
  uint32_t answered_crc;
  uint32_t answered_at;
  int reset_requested;
} pith_agent;

void pith_agent_init(pith_agent *a);
/* Handles all bytes that have arrived. */
void pith_agent_poll(pith_agent *a);
/* The model, or NULL where none is active. */
pith_model *pith_agent_model(pith_agent *a);
/* One inference on the input written with pith_model_write_input; counts for telemetry. 0 or a negative status. */
int32_t pith_agent_infer(pith_agent *a);

/* Commands, one function each: fill `w`, return PITH_OK or a status of their group. */
typedef int (*pith_command)(pith_agent *a, pith_cbor_writer *w);

int pith_os_echo(pith_agent *a, pith_cbor_writer *w);
int pith_os_reset(pith_agent *a, pith_cbor_writer *w);
int pith_os_params(pith_agent *a, pith_cbor_writer *w);
int pith_image_state(pith_agent *a, pith_cbor_writer *w);
int pith_image_set_state(pith_agent *a, pith_cbor_writer *w);
int pith_image_upload(pith_agent *a, pith_cbor_writer *w);
int pith_image_erase(pith_agent *a, pith_cbor_writer *w);
int pith_stat_read(pith_agent *a, pith_cbor_writer *w);
int pith_stat_list(pith_agent *a, pith_cbor_writer *w);
int pith_user_info(pith_agent *a, pith_cbor_writer *w);
int pith_user_infer(pith_agent *a, pith_cbor_writer *w);
int pith_user_output(pith_agent *a, pith_cbor_writer *w);
int pith_user_step(pith_agent *a, pith_cbor_writer *w);
int pith_user_peek(pith_agent *a, pith_cbor_writer *w);
int pith_user_telemetry(pith_agent *a, pith_cbor_writer *w);
int pith_user_configure(pith_agent *a, pith_cbor_writer *w);

#endif

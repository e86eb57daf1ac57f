#include "smp.h"

#include <string.h>

#include "port.h"

enum { START_0 = 0x06, START_1 = 0x09, NEXT_0 = 0x04, NEXT_1 = 0x14 };
enum { LINE_RAW = 93 }; /* 124 base64 characters, two marker bytes, a newline: 127 */

/* CRC-16/XMODEM: polynomial 0x1021, initial value 0. */
uint16_t pith_crc16(const uint8_t *from, size_t bytes) {
  unsigned crc = 0;
  for (size_t i = 0; i < bytes; i++) {
    crc ^= (unsigned)from[i] << 8;
    for (int bit = 0; bit < 8; bit++) crc = crc & 0x8000u ? (crc << 1) ^ 0x1021u : crc << 1;
  }
  return (uint16_t)crc;
}

static int sextet(uint8_t c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

/* Appends the decoded line to the packet; -1 on bad base64 or a full buffer. */
static int append_line(pith_smp_receiver *r, const uint8_t *text, size_t bytes) {
  if (bytes == 0 || bytes % 4 != 0) return -1;
  for (size_t i = 0; i < bytes; i += 4) {
    const int last = i + 4 == bytes;
    const int pads = last && text[i + 3] == '=' ? (text[i + 2] == '=' ? 2 : 1) : 0;
    uint32_t group = 0;
    for (size_t j = 0; j < 4; j++) {
      const int value = (int)j >= 4 - pads ? 0 : sextet(text[i + j]);
      if (value < 0) return -1;
      group = (group << 6) | (uint32_t)value;
    }
    for (int j = 0; j < 3 - pads; j++) {
      if (r->packet_bytes == PITH_SMP_BUFFER) return -1;
      r->packet[r->packet_bytes++] = (uint8_t)(group >> (16 - 8 * j));
    }
  }
  return 0;
}

static size_t finish_line(pith_smp_receiver *r) {
  const uint8_t *line = r->line;
  size_t bytes = r->line_bytes;
  if (bytes > 0 && line[bytes - 1] == '\r') bytes--;
  if (r->line_overflow || bytes < 2) return 0;
  if (line[0] == START_0 && line[1] == START_1) {
    r->open = 1;
    r->packet_bytes = 0;
  } else if (line[0] != NEXT_0 || line[1] != NEXT_1 || !r->open) {
    return 0;
  }
  if (append_line(r, line + 2, bytes - 2)) {
    r->open = 0;
    return 0;
  }
  if (r->packet_bytes < 2) return 0;
  const size_t length = ((size_t)r->packet[0] << 8) | r->packet[1];
  if (length < PITH_SMP_HEADER + 2 || length + 2 > PITH_SMP_BUFFER || r->packet_bytes > length + 2) {
    r->open = 0;
    return 0;
  }
  if (r->packet_bytes < length + 2) return 0;
  r->open = 0;
  return pith_crc16(r->packet + 2, length) == 0 ? length - 2 : 0;
}

size_t pith_smp_feed(pith_smp_receiver *r, uint8_t byte) {
  if (byte != '\n') {
    if (r->line_bytes < PITH_SMP_LINE)
      r->line[r->line_bytes++] = byte;
    else
      r->line_overflow = 1;
    return 0;
  }
  const size_t body = finish_line(r);
  r->line_bytes = 0;
  r->line_overflow = 0;
  return body;
}

static size_t encode_line(const uint8_t *from, size_t bytes, uint8_t *to) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t at = 0;
  for (size_t i = 0; i < bytes; i += 3) {
    const size_t left = bytes - i;
    const uint32_t group = ((uint32_t)from[i] << 16) | (left > 1 ? (uint32_t)from[i + 1] << 8 : 0) | (left > 2 ? from[i + 2] : 0);
    to[at++] = (uint8_t)digits[group >> 18];
    to[at++] = (uint8_t)digits[(group >> 12) & 63];
    to[at++] = left > 1 ? (uint8_t)digits[(group >> 6) & 63] : '=';
    to[at++] = left > 2 ? (uint8_t)digits[group & 63] : '=';
  }
  return at;
}

void pith_smp_send(uint8_t *packet, size_t body_bytes) {
  const size_t length = body_bytes + 2;
  packet[0] = (uint8_t)(length >> 8);
  packet[1] = (uint8_t)length;
  const uint16_t crc = pith_crc16(packet + 2, body_bytes);
  packet[2 + body_bytes] = (uint8_t)(crc >> 8);
  packet[3 + body_bytes] = (uint8_t)crc;
  const size_t total = length + 2;
  for (size_t at = 0; at < total; at += LINE_RAW) {
    uint8_t line[PITH_SMP_LINE];
    line[0] = at == 0 ? START_0 : NEXT_0;
    line[1] = at == 0 ? START_1 : NEXT_1;
    const size_t text = encode_line(packet + at, total - at < LINE_RAW ? total - at : LINE_RAW, line + 2);
    line[2 + text] = '\n';
    pith_port_uart_write(line, text + 3);
  }
}

#pragma once
#include <zlib.h>

// Macros that Swift cannot call. 15 is the largest window; 16 more asks for gzip's header and check (zlib's manual).
static inline int cupo_gzip_deflate_init(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

static inline int cupo_gzip_inflate_init(z_stream *stream) {
  return inflateInit2(stream, 15 + 16);
}

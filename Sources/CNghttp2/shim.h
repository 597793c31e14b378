#pragma once
#include <nghttp2/nghttp2.h>

// A data provider that carries a number instead of a pointer: Swift cannot fill the union's callback in one expression.
static inline nghttp2_data_provider cupo_data_provider(
    int number, nghttp2_data_source_read_callback callback) {
  nghttp2_data_provider provider;
  provider.source.fd = number;
  provider.read_callback = callback;
  return provider;
}

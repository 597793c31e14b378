#pragma once
#include <stdbool.h>
#include <jemalloc/jemalloc.h>

// Being linked is what makes it the allocator; being called is what makes a linker keep it.
static inline bool cupo_jemalloc_give_back_in_background(void) {
  bool on = true;
  return mallctl("background_thread", 0, 0, &on, sizeof on) == 0;
}

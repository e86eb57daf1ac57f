// The window arguments of window.ts, as kernels receive them: 14 numbers from `first` on.
#pragma once
#include "../kernel.h"

namespace pith {

struct Window {
  int n, ih, iw, ic, oh, ow, kh, kw, sh, sw, dh, dw, top, left;
};

static inline Window window_of(const Arg *first) {
  return {first[0].i, first[1].i, first[2].i,  first[3].i,  first[4].i,  first[5].i,  first[6].i,
          first[7].i, first[8].i, first[9].i, first[10].i, first[11].i, first[12].i, first[13].i};
}

static inline bool inside(int index, int size) { return static_cast<unsigned>(index) < static_cast<unsigned>(size); }

}  // namespace pith

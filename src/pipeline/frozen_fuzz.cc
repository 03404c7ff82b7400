// SPDX-License-Identifier: Apache-2.0
// Any bytes are a frozen state or are refused; what was read is written so that it reads the same again.
#include "pipeline/frozen.h"

using namespace weft;
using namespace weft::pipeline;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto state = decode_frozen({data, size});
    if (!state) {
        CHECK(!state.error().message.empty());
        return 0;
    }
    const Bytes again = encode(*state);
    const auto back = decode_frozen(again);
    CHECK(back.has_value());
    CHECK(encode(*back) == again);
    return 0;
}

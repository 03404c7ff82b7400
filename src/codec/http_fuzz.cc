// SPDX-License-Identifier: Apache-2.0
// Any bytes as the head of a request: it is the same request, or none, in whatever pieces they come. Input:
// how long the pieces are, then the bytes.
#include <algorithm>

#include "base/bytes.h"
#include "codec/http.h"

using namespace weft;
using codec::HttpRequest;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    constexpr uint32_t head_max = 8192;
    const std::string_view bytes = as_chars(ByteSpan(data, size).subspan(1));
    HttpRequest whole(head_max), pieces(head_max);
    const auto state = whole.add(bytes);
    const size_t piece = data[0] % 16 + 1u;
    for (size_t at = 0; at < bytes.size(); at += piece)
        pieces.add(bytes.substr(at, std::min(piece, bytes.size() - at)));
    CHECK(pieces.add("") == state);
    if (state != HttpRequest::State::complete) return 0;
    CHECK(pieces.method() == whole.method() && pieces.target() == whole.target());
    CHECK(!whole.method().empty() && !whole.target().empty());
    return 0;
}

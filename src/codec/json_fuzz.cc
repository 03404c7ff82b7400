// SPDX-License-Identifier: Apache-2.0
// Any text: parsing never crashes; what was parsed prints to text that parses to the same value; the stream
// in chunks agrees with the whole.
#include <cstdint>

#include "codec/json_text.h"

using namespace weft;
using namespace weft::codec;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const size_t chunk = data[0] % 16 + size_t{1};
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);

    const auto whole = parse_json(text);
    if (whole) {
        const std::string printed = format_json(*whole);
        const auto again = parse_json(printed);
        CHECK(again && *again == *whole);
        CHECK(parse_json(format_json(*whole, {.pretty = true})) == *whole);
    }

    JsonStream stream;
    size_t values = 0;
    bool failed = false;
    for (size_t i = 0; i < text.size() && !failed; i += chunk) {
        std::string_view bytes = text.substr(i, chunk);
        for (;;) {
            const auto value = stream.next(bytes);
            failed = !value;
            if (failed || !*value) break;
            CHECK(!whole || **value == *whole);
            ++values;
        }
        CHECK(failed || bytes.empty());
    }
    // A number at the end of the text is the one value that the stream cannot know to be complete.
    if (whole && !whole->is_number()) CHECK(!failed && values == 1 && stream.idle());
    return 0;
}
